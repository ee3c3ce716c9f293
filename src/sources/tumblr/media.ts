import type { Kind, MediaItem } from '../../model.ts';

/** One address of a medium, with its size where that is stated of this very address. */
export interface Size {
  readonly url: string;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
}

/** The media of one post, each once by its media key, in the order in which the post shows them. */
export class PostMedia {
  readonly #post: Pick<MediaItem, 'post' | 'date'>;
  readonly #items: MediaItem[] = [];

  constructor(post: Pick<MediaItem, 'post' | 'date'>) {
    this.#post = post;
  }

  /** A medium in all sizes that are known, in any order. */
  add(kind: Kind, sizes: readonly Size[]): void {
    const [first, ...others] = sizes;
    if (!first || this.#items.some(({ id }) => id === first.url)) return;
    this.#items.push({
      id: first.url,
      kind,
      url: first.url,
      alternates: others.map(({ url }) => url),
      ...this.#post,
      index: this.#items.length,
    });
  }

  /** Whatever media a piece of HTML shows. */
  addHtml(_html: string): void {}

  get items(): readonly MediaItem[] {
    return this.#items;
  }
}
