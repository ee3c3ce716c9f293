import { setTimeout as delay } from 'node:timers/promises';
import type { QuotaError } from '../errors.ts';
import type { Report } from '../progress.ts';
import type { Tally } from './tally.ts';

/** Remembers, beyond the run, until when a source wants to be left alone. */
export interface Parking {
  parkedUntil(source: string): Promise<string | undefined>;
  park(source: string, until: string): Promise<void>;
}

export interface QuotaOptions {
  readonly source: string;
  /** Whose quota it is: with another key, nobody need wait. */
  readonly account: string;
  readonly parking: Parking;
  /** Is a quota slept out, however long? */
  readonly wait: boolean;
  /** Milliseconds that are waited for in any case. */
  readonly retryAfterMax: number;
  readonly signal: AbortSignal;
  readonly stop: AbortSignal;
  readonly tally: Tally;
  readonly report: Report;
}

/** So long at a time: a machine that slept meanwhile must not sleep on. */
const NAP = 30_000;

/** Is it slept out, also where nothing else is left to do? */
export const isWaitedFor = (
  { resumes }: QuotaError,
  { wait, retryAfterMax }: Pick<QuotaOptions, 'wait' | 'retryAfterMax'>,
): boolean => wait || Date.parse(resumes) - Date.now() <= retryAfterMax;

/** Waits for a quota to come back as long as the run has something else to do; false if it did not come back in time. */
export async function patiently(error: QuotaError, options: QuotaOptions): Promise<boolean> {
  const { resumes, why } = error;
  const { source, account, parking, signal, stop, tally, report } = options;
  await parking.park(`${source} ${account}`, resumes);
  const until = Date.parse(resumes);
  const waits = isWaitedFor(error, options);
  report({ event: 'quota', resumes, waits, why });
  const enough = new AbortController();
  if (!waits) void tally.dry().then(() => enough.abort());
  const ends = AbortSignal.any([signal, stop, enough.signal]);
  while (!ends.aborted && Date.now() < until)
    await delay(Math.min(NAP, until - Date.now()), undefined, { signal: ends }).catch(() => undefined); // seen above
  return Date.now() >= until && !stop.aborted;
}
