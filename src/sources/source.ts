import type { Readable } from 'node:stream';
import type { Interval } from '../intervals.ts';
import type { MediaItem, Order, Page, Rendition } from '../model.ts';
import type { Answer } from '../net/http.ts';
import type { Settings } from '../options.ts';
import type { Report } from '../progress.ts';

/** Where posts come from: an adapter that knows one kind of target and yields pages of posts. */
export interface Source {
  /** One word; also the prefix by which a target may name it (`json:export.json`) and the key of its settings. */
  readonly name: string;
  /** What it takes, in a few words for a list of sources. */
  readonly takes: string;
  /** The keys it reads from its settings (`sources.<name>.<key>`), each with what it is for. */
  readonly settings: Readonly<Record<string, string>>;
  /** A platform by default. What reads a format of many, or anything at all, has a target only where no platform has. */
  readonly breadth?: 'platform' | 'format' | 'anything';
  /** What is not sure of it, in a sentence; such a source counts as experimental. */
  readonly unsure?: string;
  /** A key of the user's own that it can use. */
  readonly secret?: SecretKind;
  /** Is this target one of its kind? Asks nobody: it may look at the disk, never at the network. */
  claims(target: string): boolean;
  /**
   * Is what stands at an address of an unknown host one of its kind? It may ask further; what it throws is told, and
   * means that it is not, unless it is a UsageError: that ends the run. Platforms are asked first, `anything` last.
   */
  recognises?(sight: Sight, context: SourceContext): Promise<Recognised | undefined>;
  /** What its archive is called, as far as can be told without asking anybody. */
  nameOf?(target: string): string | null;
  /**
   * Makes sure that the target can be read; throws UsageError or SourceError before anything is written. What it was
   * recognised by is handed on, where it was.
   */
  open(target: string, context: SourceContext, sight?: Sight): Promise<Listing>;
}

/** A key that a source can use: how it is called, got and tested. Nothing shared is built in. */
export interface SecretKind {
  /** Under which of the settings of the source it is given. */
  readonly key: string;
  readonly what: string;
  /** How one comes by it, in a few lines. */
  readonly advice: readonly string[];
  /** The question that shows whether it is good; `api` is the setting of that name, if there is one. */
  readonly question: (
    secret: string,
    api: string | undefined,
  ) => { readonly url: string; readonly headers?: Readonly<Record<string, string>> };
  /** Does an answer with status 200 show that the service itself speaks? A hotel's login page does not. */
  readonly isAnswer: (parsed: unknown) => boolean;
}

/** What stands at an address, as one look at it has shown. */
export interface Sight {
  /** As it was asked for. */
  readonly target: string;
  /** The address that answered. */
  readonly url: string;
  readonly status: number;
  /** The declared type, without parameters. */
  readonly type: string;
  readonly headers: Answer['headers'];
  /** How its text begins, half a MiB of it at most; empty where the status is not 200. */
  readonly start: string;
  /** What a page says it was made by. */
  readonly generator: string | undefined;
  /** The links of its head and of its header, the latter first. */
  readonly links: readonly SeenLink[];
}

export interface SeenLink {
  /** In small letters. */
  readonly rel: readonly string[];
  readonly href: string;
  readonly type: string | undefined;
  readonly title: string | undefined;
}

/** By what a source knows a target, as the rest of a sentence ("its page names …"), and what it opens then. */
export interface Recognised {
  readonly why: string;
  readonly target: string;
  /** Does it give but the newest posts, by all that is seen? Then whoever gives more goes before it. */
  readonly isPartial?: boolean;
}

/** A row of the index of a web archive: a capture of a page. */
export interface PageCapture {
  /** YYYYMMDDhhmmss */
  readonly timestamp: string;
  readonly original: string;
  readonly mimetype: string;
  readonly statuscode: string;
  readonly digest: string;
}

/** What a source may ask of the web archive; handed in, for a source knows none itself. Throws SourceError. */
export interface WebArchive {
  /** Which archive it is, and which time it is limited to: a cursor of another scope means nothing here. */
  readonly scope: string;
  /**
   * The captures of all pages whose addresses begin like this, oldest first for each address, so many rows at a time;
   * goes on from the key of an earlier part.
   */
  captures(
    prefix: string,
    way: { readonly rows: number; readonly from: string | null },
  ): AsyncIterable<{ readonly rows: readonly PageCapture[]; readonly key: string | null }>;
  /** A page as it was captured, with the time of that; or why it cannot be had. */
  replay(
    capture: PageCapture,
  ): Promise<{ readonly answer: Answer; readonly time: string } | { readonly trouble: string }>;
}

export interface SourceContext {
  readonly settings: Settings;
  /**
   * A request through the gate. Throws SourceError when nobody answers; a bad status is the source's to judge. Passing
   * trouble (429, 5xx) is waited out first, unless `takes` says that this very answer is wanted as it is.
   */
  readonly fetch: (
    url: string,
    headers?: Readonly<Record<string, string>>,
    takes?: (answer: Answer) => boolean,
  ) => Promise<Answer>;
  readonly webArchive: WebArchive;
  /** How far a crawl over pages goes: so many links away from the target, and over so many pages. */
  readonly reach?: { readonly depth: number; readonly pages: number };
  /** Milliseconds that a source of somebody else's may neither ask nor answer. */
  readonly patience?: number;
  readonly signal: AbortSignal;
  readonly report: Report;
}

/** A target that can be read. */
export interface Listing {
  /** What its archive is called, if nobody says otherwise; null where only the user can say. */
  readonly name: string | null;
  /** Addresses that the user named by naming this target: their hosts may be private. */
  readonly trusted: readonly string[];
  /** Under which name it is remembered how far it was listed, if others than the target name the same. */
  readonly listedAs?: string;
  /** Opening it asked nobody: only the first page tells whether there is anything to be read. */
  readonly isUnchecked?: boolean;
  /**
   * Pages in the order of the source. Continues after the cursor of the page that an earlier, interrupted
   * listing ended with; a source without cursors leaves them out and lists from the beginning. A listing by time
   * (`timeline.ts`) has intervals in place of cursors, and goes the way that it is told.
   */
  pages(cursor: unknown, way?: ListingWay): AsyncIterable<Page>;
  /** What the platform counts and the archive has not, where that can be found without listing all again. */
  lacking?(held: HeldPosts): AsyncIterable<Page>;
  /** Media that the source itself hands over, under addresses of their own (`isHandedOver`). */
  readonly files?: HandedFiles;
  /**
   * Does a list with cursors begin with the newest? Then it may end behind a page of which all posts are held, if it
   * `wasWhole`; one that went on in the middle is begun once more, for what is newer.
   */
  readonly isNewestFirst?: boolean;
  /** When nobody reads pages or files any more. */
  close?(): Promise<void>;
  /**
   * What the page at the `larger` of an item names, right before the download; undefined if there is nothing larger.
   * Throws where the page does not say: then the item is got as it is, and its record tells that there may be more.
   */
  readonly larger?: (item: MediaItem) => Promise<Rendition | undefined>;
}

export interface HandedFiles {
  /** Undefined where there is no such file; throws `DamagedFile` where it can be seen that it is none any more. */
  open(url: string): Promise<HandedFile | undefined>;
}

export interface HandedFile {
  /** Ends with `DamagedFile` where what comes is not what was put in. */
  readonly body: Readable;
  readonly bytes: number;
}

/** It is there, and is not what was put in: to read it again gives nothing better. */
export class DamagedFile extends Error {
  readonly code = 'EDAMAGED';
}

/** What an archive knows of its posts. */
export interface HeldPosts {
  /** When they are from, the newest first. */
  moments(of: (date: string) => number): Promise<Float64Array>;
  isHeld(id: string): Promise<boolean>;
}

/** How a listing by time is wanted. */
export interface ListingWay {
  readonly order: Order;
  /** What earlier runs have listed without a gap: it is not asked for again. */
  readonly covered: readonly Interval[];
  /** Was it begun in this run already, and stopped by a quota? Then the newest posts need not be asked for again. */
  readonly isAgain?: boolean;
  /** The platform's own id of the blog, as earlier runs met it: a blog that is renamed can be found by it. */
  readonly blogId?: string | undefined;
  /** Dates (ISO 8601): nothing before the one, nothing at or behind the other need be asked for. */
  readonly after?: string | null;
  readonly before?: string | null;
  /** Did an earlier listing come to its end? Then what is behind posts that are held was listed, too. */
  readonly wasWhole?: boolean;
  /** Is the post in the archive, by a listing of this very target? Not told where all is to be listed again. */
  readonly isHeld?: (id: string) => Promise<boolean>;
  /** What the last page of an earlier listing wanted to be known again. */
  readonly memory?: unknown;
  /** Told where the listing had to leave something out; the run does not count as all well. */
  readonly leaveOut?: (why: string) => void;
}
