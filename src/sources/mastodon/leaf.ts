import type { Order, Post } from '../../model.ts';
import { parseLinks } from '../../net/link-format.ts';
import type { Said } from '../hear.ts';
import { isObject } from '../json-path.ts';
import type { Warnings } from '../warnings.ts';
import { type Api, LoginOnly, type Query } from './api.ts';
import { idIn, isDirect, type PostWay, readStatus } from './post.ts';

/** One answer of the list. */
export interface Leaf {
  readonly posts: readonly Post[];
  /** Of all that stands on it, in its order, whether it can be read or not. */
  readonly ids: readonly string[];
  /** From where the server itself goes on, by its headers. */
  readonly link: string | undefined;
}

export interface ListWay {
  readonly api: Api;
  readonly account: string;
  readonly post: PostWay;
  readonly hasDirect: boolean;
  readonly warnings: Warnings;
}

export const limit = 40;
/** The public pages of Pixelfed give fewer at a time. */
const pixelfedLimit = 24;

/** The statuses of an account, a page at a time. */
export class StatusList {
  readonly #way: ListWay;
  #isPixelfed = false;
  /** Did the last page say that more follows? */
  #isMore = false;
  #direct = 0;

  constructor(way: ListWay) {
    this.#way = way;
  }

  get api(): Api {
    return this.#way.api;
  }

  /** How many direct messages were left out since this was asked last. */
  takeDirect(): number {
    const direct = this.#direct;
    this.#direct = 0;
    return direct;
  }

  /** Nothing where more was promised may be a blip: it is asked for once more. */
  async read(order: Order, bound: string | undefined): Promise<Leaf> {
    const leaf = await this.#read(order, bound);
    const isPromised = this.#isMore && order === 'newest'; // something newer is promised always
    const isSure = leaf.ids.length > 0 || leaf.link !== undefined || !isPromised;
    const sure = isSure ? leaf : await this.#read(order, bound);
    this.#isMore = sure.link !== undefined;
    return sure;
  }

  /** Where Pixelfed shows its own pages to all, and the API to those alone who are signed in, the former are read. */
  async #read(order: Order, bound: string | undefined): Promise<Leaf> {
    if (this.#isPixelfed) return this.#readPixelfed(order, bound);
    try {
      return await this.#readAt(
        `/api/v1/accounts/${this.#way.account}/statuses`,
        { limit },
        { order, bound },
      );
    } catch (error) {
      if (!(error instanceof LoginOnly)) throw error;
      const leaf = await this.#readPixelfed(order, bound).catch(() => Promise.reject(error));
      this.#isPixelfed = true;
      return leaf;
    }
  }

  #readPixelfed(order: Order, bound: string | undefined): Promise<Leaf> {
    const path = `/api/pixelfed/v1/accounts/${this.#way.account}/statuses`;
    return this.#readAt(path, { limit: pixelfedLimit }, { order, bound });
  }

  async #readAt(path: string, query: Query, { order, bound }: { order: Order; bound: string | undefined }) {
    const name = order === 'newest' ? 'max_id' : 'min_id';
    return this.#way.api.ask(
      path,
      { ...query, [name]: bound },
      (value, said) => (Array.isArray(value) ? this.#leaf(value, linkIn(said, order)) : undefined),
      'has no list of posts in it',
    );
  }

  #leaf(list: readonly unknown[], link: string | undefined): Leaf {
    const { warnings, hasDirect, post: way } = this.#way;
    const posts: Post[] = [];
    const ids: string[] = [];
    for (const raw of list.slice(0, most)) {
      const post = isObject(raw) ? readStatus(raw, way) : undefined;
      if (post) ids.push(post.id);
      if (!post)
        warnings.skip(`A post of ${this.#way.api.hearing.name} has no id, or is none; it is skipped.`);
      else if (!hasDirect && isDirect(raw as Record<string, unknown>)) this.#direct++;
      else if (!posts.some(({ id }) => id === post.id)) posts.push(post);
    }
    return { posts, ids, link };
  }
}

/** Nobody gives so many who was asked for forty. */
const most = 1000;

/** Of the header Link that which goes on in this order. */
function linkIn({ headers }: Said, order: Order): string | undefined {
  const [rel, name] = order === 'newest' ? ['next', 'max_id'] : ['prev', 'min_id'];
  const text = [headers.link ?? []].flat().join(', ').slice(0, 8192);
  const uri = (parseLinks(text) ?? []).find((link) => link.rel.includes(rel!))?.uri;
  const bound =
    uri && URL.canParse(uri, 'https://nowhere.invalid') ? new URL(uri, 'https://nowhere.invalid') : undefined;
  return idIn(bound?.searchParams.get(name!));
}
