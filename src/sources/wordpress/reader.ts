import { SourceError } from '../../errors.ts';
import type { Post } from '../../model.ts';
import { counted } from '../../shown.ts';
import type { ApiWay } from './api.ts';
import { type Attachment, readAttachment } from './attachment.ts';
import { Library } from './library.ts';
import type { Entry } from './list.ts';
import { type Draft, draftOf, idsOf, isProtected, postOf, postOfAttachment, termsOf } from './post.ts';
import { Terms } from './terms.ts';
import { media } from './types.ts';
import { type Item, isTold, videoItems } from './videopress.ts';

export interface ReaderWay extends ApiWay {
  readonly root: string;
  readonly home: string;
  /** Of WordPress.com, which knows the videos of VideoPress. */
  readonly api: string;
  /** Seconds east of Greenwich. */
  readonly offset: number;
}

interface Videos {
  readonly items: readonly Item[];
  readonly unknown: number;
}

/** So many videos are asked for in vain, each with patience; then the others are not. */
const mostVideoTroubles = 3;

/** Makes posts of what the API gives, and asks for what it keeps elsewhere: for many posts at a time. */
export class Reader {
  readonly #way: ReaderWay;
  readonly #library: Library;
  readonly #terms: { readonly tags: Terms; readonly categories: Terms };
  readonly #protected = new Set<string>();
  #videoTroubles = 0;

  constructor(way: ReaderWay) {
    this.#way = way;
    this.#library = new Library(way);
    this.#terms = { tags: new Terms('tags', way), categories: new Terms('categories', way) };
  }

  async read(entries: readonly Entry[]): Promise<readonly Post[]> {
    const drafts = new Map<Entry, Draft>();
    for (const entry of entries) if (entry.type !== media) drafts.set(entry, draftOf(entry, this.#way.home));
    const all = [...drafts.values()];
    const uploads = await this.#library.ofPosts(all.map(({ entry }) => entry.id));
    await this.#library.learn(all.flatMap(idsOf));
    for (const of of ['tags', 'categories'] as const)
      await this.#terms[of].learn(all.flatMap(({ entry }) => termsOf(entry, of)));
    const posts: Post[] = [];
    for (const entry of entries) {
      const draft = drafts.get(entry);
      const post = draft ? await this.#post(draft, uploads.get(entry.id) ?? []) : this.#unattached(entry);
      if (post) posts.push(post);
    }
    return posts;
  }

  /** Tells of what a password hides. */
  close(): void {
    const { size } = this.#protected;
    if (size > 0)
      this.#way.warnings.warn(
        `${counted(size, 'post')} of ${this.#way.name} ${size === 1 ? 'is' : 'are'} behind a password: what is in ${size === 1 ? 'it' : 'them'} is not listed.`,
      );
  }

  async #post(draft: Draft, uploads: readonly Attachment[]): Promise<Post> {
    const { entry, shown } = draft;
    const { name, warnings } = this.#way;
    if (isProtected(entry) && this.#protected.size < 100_000) this.#protected.add(entry.id);
    const { surplus, embedded, unusable } = shown.leftOut;
    if (surplus > 0)
      warnings.skip(
        `Post ${entry.id} of ${name} names more media than one post may have: ${surplus} are left out.`,
      );
    if (embedded > 0)
      warnings.skip(
        `Post ${entry.id} of ${name} holds media within itself (data:), which are not taken out of it: ${embedded}.`,
      );
    if (unusable > 0)
      warnings.warn(
        `Post ${entry.id} of ${name} has addresses that make no sense or are endless: ${unusable}; left out.`,
      );
    const videos = await this.#videosOf(draft, uploads);
    return postOf(draft, {
      get: (id) => this.#library.get(id),
      uploads,
      videos: videos.items,
      unknown: videos.unknown,
      tags: (['tags', 'categories'] as const).flatMap((of) => this.#terms[of].namesOf(termsOf(entry, of))),
      offset: this.#way.offset,
    });
  }

  async #videosOf({ shown }: Draft, uploads: readonly Attachment[]): Promise<Videos> {
    const told = [...shown.media.map(({ url }) => url), ...uploads.flatMap(({ addresses }) => addresses)];
    const items: Item[] = [];
    let unknown = 0;
    for (const guid of shown.videos.filter((one) => !isTold(one, told))) {
      const found = await this.#video(guid);
      if (found) items.push(...found);
      else unknown++;
    }
    return { items, unknown };
  }

  /** It is asked for elsewhere: trouble there is no reason to list no older posts. */
  async #video(guid: string): Promise<readonly Item[] | undefined> {
    let why = '';
    if (this.#videoTroubles < mostVideoTroubles)
      try {
        return await videoItems(guid, this.#way.api, this.#way);
      } catch (error) {
        this.#way.context.signal.throwIfAborted();
        if (!(error instanceof SourceError)) throw error;
        this.#videoTroubles++;
        why = ` ${error.message}`;
      }
    this.#way.warnings.skip(
      `The video ${guid} in a post of ${this.#way.name} could not be asked for, and is left out; --full asks again.${why}`,
    );
    return undefined;
  }

  /** What belongs to a post comes with it, should the server not hear that the others are asked for. */
  #unattached(entry: Entry): Post | undefined {
    const attachment = readAttachment(entry.raw);
    if (!attachment)
      this.#way.warnings.skip(`Medium ${entry.id} of ${this.#way.name} has no address; it is skipped.`);
    if (!attachment || attachment.parent !== undefined) return undefined;
    return postOfAttachment(entry, attachment, this.#way.offset);
  }
}
