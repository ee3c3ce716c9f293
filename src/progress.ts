import type { MediaRecord, Summary } from './model.ts';

/** Everything that a run tells while it works. One function takes it; by default nobody listens. */
export type Progress =
  | {
      readonly event: 'run';
      readonly run: string;
      readonly target: string;
      readonly path: string;
      readonly source: string;
    }
  | {
      readonly event: 'post';
      readonly post: string;
      readonly items: number;
      readonly change: 'new' | 'edited' | 'none';
    }
  /** A whole listing has not met this post any more. */
  | { readonly event: 'post-gone'; readonly post: string }
  /** The source wants no more requests until then; listing goes on after it if the run is still at work, or waits. */
  | { readonly event: 'quota'; readonly resumes: string; readonly waits: boolean; readonly why: string }
  | { readonly event: 'listed'; readonly listed: number; readonly done: boolean }
  | {
      readonly event: 'started';
      readonly item: string;
      readonly url: string;
      readonly total: number | null;
      readonly had: number;
    }
  | { readonly event: 'bytes'; readonly item: string; readonly url: string; readonly bytes: number }
  | { readonly event: 'ended'; readonly item: string; readonly url: string }
  | {
      readonly event: 'retry';
      readonly item: string;
      readonly url: string;
      readonly reason: string;
      readonly attempt: number;
      readonly wait: number;
    }
  | { readonly event: 'pause'; readonly host: string; readonly ms: number; readonly why: string }
  /** A host is asked slower, or faster again; `rate` in requests a second, null where nothing limits it. */
  | {
      readonly event: 'pace';
      readonly host: string;
      readonly change: 'halved' | 'doubled';
      readonly rate: number | null;
      readonly why: string;
    }
  /** Nobody at all can be reached; or somebody answers again. */
  | { readonly event: 'network'; readonly gone: boolean }
  /** A host is left alone for so long, and its items are looked for elsewhere. */
  | { readonly event: 'parked'; readonly host: string; readonly ms: number; readonly why: string }
  | { readonly event: 'recover'; readonly item: string; readonly place: string }
  | {
      readonly event: 'item';
      readonly record: MediaRecord;
      readonly recalled: boolean;
      /** The record of this run that no longer stands. */
      readonly supersedes?: MediaRecord;
    }
  /** A content looks like a placeholder: unrelated addresses of one host give the same bytes. */
  | {
      readonly event: 'suspect';
      readonly sha256: string;
      readonly path: string;
      readonly host: string;
      readonly items: number;
      readonly posts: number;
      readonly examples: readonly string[];
    }
  /** A post, or a line of a list, that cannot be read. */
  | { readonly event: 'unread' }
  | { readonly event: 'warning'; readonly message: string }
  | ({ readonly event: 'summary' } & Summary);

export type Report = (event: Progress) => void;

/**
 * A listener that throws harms nobody but itself: the first failure is told as a warning, to the other
 * listeners, and the run goes on.
 */
export function announcer(listeners: readonly Report[]): Report {
  const failed = new Set<Report>();
  return function announce(event) {
    for (const listener of listeners) {
      const trouble = (error: unknown) => {
        if (failed.has(listener)) return;
        failed.add(listener);
        announce({ event: 'warning', message: `a listener failed on '${event.event}': ${String(error)}` });
      };
      try {
        const later: unknown = listener(event);
        if (later instanceof Promise) later.catch(trouble); // nobody waits for an async one, but its failure is heard
      } catch (error) {
        trouble(error);
      }
    }
  };
}
