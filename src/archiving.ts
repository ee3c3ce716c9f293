import { crawl } from './crawl.ts';
import type { Summary } from './model.ts';
import type { GivenOptions } from './options.ts';
import { announcer, type Progress, type Report } from './progress.ts';

type EventName = Progress['event'];
type EventOf<N extends EventName> = Extract<Progress, { event: N }>;

/** A run under way. */
export interface ArchiveRun {
  /** Calls the listener on every event of that name. A listener that throws harms only itself. */
  on<N extends EventName>(name: N, listener: (event: EventOf<N>) => void): ArchiveRun;
  /** Gently: no new work; what is in hand is finished. */
  stop(): void;
  /** Now: part files stay for the next run. */
  cancel(): void;
  /** The balance at the end; rejects if the run could not go on. */
  readonly finished: Promise<Summary>;
}

/** Archives a blog: an address, a file, or a bare name with a prefix. Begins at once, with the next tick. */
export function archive(target: string, given: GivenOptions = {}): ArchiveRun {
  const [gently, now] = [new AbortController(), new AbortController()];
  const listeners: Report[] = given.report ? [given.report] : [];
  const options = {
    ...given,
    report: announcer(listeners),
    stop: given.stop ? AbortSignal.any([given.stop, gently.signal]) : gently.signal,
    signal: given.signal ? AbortSignal.any([given.signal, now.signal]) : now.signal,
  };
  const run: ArchiveRun = {
    on(name, listener) {
      listeners.push((event) => event.event === name && listener(event as never));
      return run;
    },
    stop: () => gently.abort(),
    cancel: () => now.abort(),
    finished: Promise.resolve().then(() => crawl(target, options)),
  };
  run.finished.catch(() => undefined); // whoever awaits it sees the error; a listener alone must not end the process
  return run;
}
