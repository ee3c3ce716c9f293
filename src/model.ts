/** What travels and what stays. Types only: whoever reads this file knows the words of all the others. */

import type { Interval } from './intervals.ts';

export type Kind = 'image' | 'video' | 'audio' | 'file';

/** One thing to keep. Posts refer to it by its id; an item wanted by several posts is one item. */
export interface MediaItem {
  /** `{platform}:{media key}` where the platform has one, else the normalised address. */
  readonly id: string;
  /** What the source expects it to be; `file` where it does not say. */
  readonly kind: Kind;
  readonly url: string;
  /** Other addresses or sizes that the source named, the best first. */
  readonly alternates: readonly string[];
  /** Copies that were made anew, such as reduced ones: asked last, and a promised checksum is not theirs. */
  readonly lesser?: readonly string[];
  readonly post: string | null;
  readonly index: number;
  /** When it was posted, ISO 8601; null where no date is known. */
  readonly date: string | null;
  /** When the page that names it was seen to do so: where no date is known, captures of that time are the likeliest. */
  readonly seen?: string;
  /** The checksum that the source promised, in hex. */
  readonly sha256?: string;
  /** What the post says of its size, in points. */
  readonly width?: number;
  readonly height?: number;
  /** Why nobody may ask for it, by the word of its own site. */
  readonly forbidden?: string;
  /** A page that may name a larger original than the addresses above; it is asked right before the download. */
  readonly larger?: string;
  /** What that page named, once it was asked; what the addresses above give is known to be smaller. */
  readonly original?: Rendition;
  /**
   * What is known of its post, where a choice may depend on it, or that it was chosen before; stands with the post, not
   * with the item.
   */
  readonly of?: PostFacts & { readonly isWanted?: true };
}

/** What posts are chosen by. */
export interface PostFacts {
  readonly tags?: readonly string[];
  readonly isReblog?: boolean;
}

/** How large a picture is, in points. */
export interface Measure {
  readonly width: number;
  readonly height: number;
}

/** One entry of a blog: the source's own words, and which items it has. */
export interface Post extends PostFacts {
  readonly id: string;
  readonly date: string | null;
  readonly url: string | null;
  readonly raw: unknown;
  readonly items: readonly MediaItem[];
  /** In which of several ways the platform tells of it, in a word: two of them differ without an edit. */
  readonly dialect?: string;
  /** Paths in `raw` (dotted, `*` for every entry) of what changes by itself, such as counts: no edit of the post. */
  readonly passing?: readonly string[];
  /** Parts that nobody understood, each by its kind; they are kept in `raw` and counted. */
  readonly unknown?: readonly string[];
}

/** Which posts come first. */
export type Order = 'newest' | 'oldest';

/** What a source yields at a time. The cursor continues *after* this page; null at the end. */
export interface Page {
  readonly posts: readonly Post[];
  readonly cursor?: unknown;
  /** Of a listing by time: between these there is no post that was not listed. */
  readonly covers?: Interval;
  /** How many posts the platform says there are. */
  readonly total?: number;
  readonly blog?: BlogFacts;
  /** What the source wants to know again at the next listing, once these posts are stored; small, and may be lost. */
  readonly memory?: unknown;
}

/** What the source says of the blog as a whole, in its own words. */
export interface BlogFacts {
  /** The platform's own id, which stays when the blog is renamed. */
  readonly id?: string;
  readonly raw: unknown;
  /** As of a post. */
  readonly passing?: readonly string[];
}

/** A capture in a web archive, as its index describes it. */
export interface Snapshot {
  readonly archive: string;
  /** Capture time, ISO 8601. */
  readonly time: string;
  readonly url: string;
  /** The address that was captured. */
  readonly original?: string;
  /** By the index: SHA-1 in base32. */
  readonly digest: string | null;
  /** Have the bytes that came this digest? True proves that they are the captured ones; false proves nothing. */
  readonly digestEqual?: boolean;
}

/** One address where an item may lie. */
export interface Location {
  /** `adopted`: the source itself hands over what lies there. */
  readonly kind: 'live' | 'alternate' | 'snapshot' | 'adopted';
  readonly url: string;
  /** Whose permit a request needs, where it is not simply the host of the address. */
  readonly lane?: string;
  readonly snapshot?: Snapshot;
  /** By its address a smaller size than was asked for. */
  readonly isLesser?: boolean;
}

/**
 * Leave to speak to a host. Between two requests it may rest: its place is free for others meanwhile, and it gets
 * one again before those who have no permit yet.
 */
export interface Permit {
  /** Right before a request: waits for a place if the permit rests, and for the end of a pause if there is one. */
  clear(signal?: AbortSignal): Promise<void>;
  rest(): void;
  release(): void;
}

export interface Reason {
  readonly code: ReasonCode;
  readonly detail: string;
}

export type ReasonCode =
  // definite answers: the place has it not, or not what it claims to be
  | 'gone'
  | 'lacking'
  | 'forbidden'
  | 'empty'
  | 'too-small'
  | 'wrong-type'
  | 'cut'
  | 'placeholder'
  | 'checksum'
  | 'redirects'
  | 'no-such-host'
  | 'no-capture'
  | 'not-a-capture'
  // unsettled: another run may fare better
  | 'truncated'
  | 'timeout'
  | 'stalled'
  | 'too-slow'
  | 'connect'
  | 'dns'
  | 'tls'
  | 'tls-timeout'
  | 'proxy'
  | 'protocol'
  | 'decode'
  | 'digest'
  | 'server-error'
  | 'rate-limited'
  | 'throttled'
  | 'unexpected-status'
  | 'archive-unreachable'
  | 'recovery-pending'
  | 'suspect'
  | 'not-at-hand'
  // a rule of ours forbids it
  | 'refused-scheme'
  | 'refused-private-address'
  | 'refused-port'
  | 'refused-too-large'
  | 'refused-robots'
  | 'refused-filter';

/** One place that was asked, and what it came to. */
export interface Tried {
  /** `live`, `alternate`, `adopted`, or the name of a web archive. */
  readonly where: string;
  readonly url: string;
  /** The address that answered, where redirects led to another one. */
  readonly from?: string;
  readonly outcome: ReasonCode;
  readonly detail: string;
  /** Of bytes that came, and were refused for what they are. */
  readonly sha256?: string;
}

/** What the server said about the bytes, kept for later conditional requests. */
export interface ResponseFacts {
  readonly etag?: string;
  readonly lastModified?: string;
  readonly contentType?: string;
}

/** Bytes on disk, hashed on the way. */
export interface Download {
  /** The part file that holds them, synced. */
  readonly part: string;
  /** Does a sidecar lie beside it? */
  readonly hasSidecar: boolean;
  readonly bytes: number;
  readonly sha256: string;
  /** The first bytes, enough to tell what they are. */
  readonly head: Uint8Array;
  readonly response: ResponseFacts;
  /** The address that answered, after redirects. */
  readonly from: string;
  /** Capture time by the archive's own header; null for anything that is not a capture. */
  readonly memento: string | null;
  /** The capture that answered, which may be another than the one that was asked for. */
  readonly snapshot?: Snapshot;
  readonly attempts: number;
  /** How many answers the bytes were joined from. */
  readonly pieces: number;
  readonly ms: number;
}

/** What proves that the file is whole: a sum that was promised, its own structure, or nothing. */
export type Whole = 'checksum' | 'structure' | 'unverified length';

/** Accepted with what it is, or refused by a named rule. */
export type Verdict =
  | {
      readonly accepted: true;
      readonly type: string;
      readonly ext: string;
      readonly kind: Kind;
      readonly whole: Whole;
      readonly measure?: Measure;
    }
  | { readonly accepted: false; readonly reason: Reason };

export type Status = 'kept' | 'missing' | 'failed' | 'filtered';
export type Origin = 'live' | 'alternate' | 'snapshot' | 'duplicate' | 'adopted';

/** One size of a thing, at one address. */
export interface Rendition extends Partial<Measure> {
  readonly url: string;
}

/** The answer of an address that does not give any more what is held from it, and since when. */
export interface Gone extends Reason {
  readonly at: string;
  /** A capture in a web archive; null if each that was asked has none, undefined if none gave an answer. */
  readonly elsewhere?: string | null;
}

/** One line of the manifest. */
export interface MediaRecord {
  readonly v: 1;
  readonly run: string;
  readonly item: string;
  readonly status: Status;
  readonly kind: Kind;
  readonly post: string | null;
  readonly index: number;
  readonly url: string;
  readonly path?: string;
  readonly bytes?: number;
  readonly sha256?: string;
  readonly type?: string;
  readonly origin?: Origin;
  readonly from?: string;
  readonly whole?: Whole;
  readonly measure?: Measure;
  /** Where what is kept is not the best that is known of it: what was got, and what there is. */
  readonly got?: Rendition;
  readonly bestKnown?: Rendition;
  readonly snapshot?: Snapshot;
  readonly attempts?: number;
  readonly pieces?: number;
  readonly ms?: number;
  readonly reason?: Reason;
  readonly tried?: readonly Tried[];
  /** Of what is missing: how many runs in a row have found it so; of what may exist larger: that it could not be had. */
  readonly losses?: number;
  readonly at: string;
  readonly response?: ResponseFacts;
  /** Of a kept one. */
  readonly gone?: Gone;
}

/** The addresses of one host that gave the same bytes. Folded from records one by one, and bounded. */
export interface Sharing {
  readonly sha256: string;
  readonly bytes: number;
  /** Where the bytes lie. */
  readonly path: string;
  readonly host: string;
  readonly items: number;
  /** Those that have nothing in common: each of another post, and of another medium. Not all, if they are many. */
  readonly unrelated: readonly Sharer[];
  readonly examples: readonly string[];
  /** When the first of them was recorded. */
  readonly first: string;
}

/** Short sums in place of an address and a post, which may be of any length. */
export interface Sharer {
  readonly medium: string;
  readonly post: string | null;
}

/** What every parcel carries, whatever its state. */
interface Way {
  readonly item: MediaItem;
  readonly location: Location;
  /** Places that have answered no so far; once the parcel is lost or failed, this location among them. */
  readonly tried: readonly Tried[];
  /** What is kept of it already, where only news about it is asked for. */
  readonly held?: MediaRecord;
  readonly reduced?: Reduced;
}

/** What is kept of an item already, where only a larger one is wanted, and what its page came to in this run. */
export interface Reduced {
  readonly record: MediaRecord;
  readonly page?: 'names nothing larger' | 'did not say';
}

interface States {
  wanted: unknown;
  admitted: { readonly permit: Permit };
  fetched: { readonly download: Download };
  lost: { readonly reason: Reason };
  kept: { readonly download: Download; readonly verdict: Extract<Verdict, { accepted: true }> };
  failed: { readonly reason: Reason };
  filtered: { readonly reason: Reason; readonly bytes?: number };
  settled: { readonly record: MediaRecord };
}

export type State = keyof States;

/** A parcel in one state, as the stage that takes it sees it. */
export type In<S extends State> = Way & { readonly state: S } & States[S];

/** An item under way. */
export type Parcel = { [S in State]: In<S> }[State];

/** What one request came to: its three answers. */
export type Outcome<T> =
  | { readonly outcome: 'ok'; readonly value: T }
  | { readonly outcome: 'retry'; readonly reason: Reason; readonly after?: number }
  | { readonly outcome: 'permanent'; readonly reason: Reason };

/** How the wait before a retry grows. */
export type Backoff = 'exponential' | 'linear' | 'constant';
/** Milliseconds before the next try, after so many. */
export type OwnBackoff = (attempt: number) => number;

/** The sum at the end of a run. `open` is what an interrupted run left in hand; otherwise 0. */
export interface Summary {
  readonly listed: number;
  readonly kept: number;
  readonly recovered: number;
  readonly duplicate: number;
  readonly recalled: number;
  readonly missing: number;
  readonly failed: number;
  readonly filtered: number;
  readonly open: number;
  readonly posts: number;
  /** Of these: not here before in any form, or in another one. */
  readonly newPosts: number;
  readonly editedPosts: number;
  /** Posts that a whole listing has not met any more; nothing of them is deleted here. */
  readonly gonePosts: number;
  /** How many posts the platform says there are, and how many are here; null where nobody says so. */
  readonly postsStated: number | null;
  readonly postsHeld: number | null;
  /** Parts of posts that nobody understood; they are kept as they came. */
  readonly notUnderstood: number;
  /** Posts, or lines of a list, that could not be read. */
  readonly unread: number;
  /** Contents that look like placeholders, for unrelated addresses of one host give the same bytes. */
  readonly suspects: number;
  /** Of what is held, found gone from its server by this run. */
  readonly gone: number;
  /** Of what is held, those that may exist larger: a later run asks. */
  readonly reduced: number;
  readonly bytes: number;
  readonly requests: number;
  readonly seconds: number;
  readonly balanced: boolean;
  readonly exitCode: number;
  readonly path: string;
}
