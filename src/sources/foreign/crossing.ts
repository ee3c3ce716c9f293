import type { MediaItem, Page, Rendition } from '../../model.ts';
import type { Answer } from '../../net/http.ts';
import type { Settings } from '../../options.ts';
import type { ListingWay, Source, SourceContext } from '../source.ts';

/** What crosses between our thread and that of a source which is none of ours. */

export interface Given {
  /** The module of the source, and what resolves our own name in it. */
  readonly module: string;
  readonly hooks: string;
}

export interface Begin {
  readonly target: string;
  readonly settings: Settings;
  readonly reach: SourceContext['reach'];
  readonly cursor: unknown;
  readonly way: (Omit<ListingWay, 'leaveOut' | 'isHeld'> & { readonly knows: boolean }) | undefined;
}

/** Of a listing, what is no function. */
export interface Facts {
  readonly name: string | null;
  readonly trusted: readonly string[];
  readonly listedAs: string | undefined;
  readonly isUnchecked: boolean | undefined;
  readonly isNewestFirst: boolean | undefined;
  readonly hasLarger: boolean;
}

/** An answer whose body is read chunk by chunk, under a number. */
export interface Reply extends Pick<Answer, 'status' | 'headers' | 'url'> {
  readonly body: string;
}

/** What is asked of the source. */
export interface AskedOf {
  [name: string]: (given: never) => unknown;
  describe(): Promise<Pick<Source, 'name' | 'takes' | 'settings'>>;
  claims(target: string): boolean;
  open(given: Pick<Begin, 'target' | 'settings' | 'reach'>): Promise<Facts>;
  begin(given: Pick<Begin, 'cursor' | 'way'>): string;
  next(number: string): Promise<IteratorResult<Page>>;
  leave(number: string): Promise<void>;
  larger(item: MediaItem): Promise<Rendition | undefined>;
  close(): Promise<void>;
  abort(reason: string): void;
}
