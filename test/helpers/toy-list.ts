import type { Page } from '../../src/model.ts';
import { isKnown } from '../../src/sources/known.ts';
import type { Listing, ListingWay } from '../../src/sources/source.ts';
import { numberedItem, postOf } from './vaults.ts';

/** A blog that can be leafed through from the newest post on, and in no other way. */
export class ToyList {
  readonly asked: string[] = [];
  /** The newest first. */
  posts: number[];
  readonly size: number;
  /** Called before the n-th page of all is made. */
  before: (page: number) => void = () => undefined;

  constructor(posts: readonly number[], size = 3) {
    this.posts = [...posts];
    this.size = size;
  }

  listing(): Listing {
    return {
      name: 'toy',
      trusted: [],
      isNewestFirst: true,
      pages: (cursor, way) => this.#pages(cursor as number | undefined, way),
    };
  }

  /** A cursor is the last post that was shown. */
  async *#pages(cursor: number | undefined, way: ListingWay | undefined): AsyncGenerator<Page> {
    for (let last = cursor; ; ) {
      this.before(this.asked.length);
      this.asked.push(last === undefined ? 'top' : `below ${last}`);
      const due = this.posts.filter((n) => last === undefined || n < last);
      const shown = due.slice(0, this.size);
      const isEnd = shown.length === due.length;
      const posts = shown.map((n) => postOf(`p${n}`, [numberedItem(n)]));
      const isLast = isEnd || (await isKnown(posts, way));
      yield { posts, cursor: isLast ? null : shown.at(-1) };
      if (isLast) return;
      last = shown.at(-1);
    }
  }
}
