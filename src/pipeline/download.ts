import { setTimeout as delay } from 'node:timers/promises';
import type { In, Parcel } from '../model.ts';
import { type BackoffOptions, delayBefore } from '../net/backoff.ts';
import type { Gate } from '../net/gate.ts';
import { laneOf } from '../net/hosts.ts';
import type { Report } from '../progress.ts';
import { failedHere, lostHere } from './asked.ts';
import { classify, type Fact, type Judgement } from './outcome.ts';
import { eitherOf } from './stopping.ts';
import type { Transfer } from './transfer.ts';

export interface DownloadOptions extends BackoffOptions {
  readonly retries: number;
  readonly retryAfterMax: number;
  readonly signal: AbortSignal;
  readonly stop: AbortSignal;
  readonly report: Report;
  readonly random: () => number;
  /** Where the bytes of an item from this location are gathered. */
  readonly partFor: (parcel: In<'admitted'>) => string;
}

/** Attempts that brought something are not counted as failures; this many are the end all the same. */
const MOST_ATTEMPTS = 20;
/** A part that does not fit the answer is started over without blame, so many times. */
const MOST_RESTARTS = 3;

/** Stage 2: attempt, classify, wait, again. The permit rests after each attempt, so a sleeper takes no place. */
export function download(gate: Gate, transfer: Transfer, options: DownloadOptions) {
  const untilStopped = waiter(options);
  return async (parcel: In<'admitted'>): Promise<Parcel> => {
    const { permit, ...wanted } = parcel;
    const began = performance.now();
    const tally = new Attempts(options.retries);
    try {
      for (;;) {
        if (!(await untilStopped((signal) => permit.clear(signal)))) return { ...wanted, state: 'wanted' };
        const fact = await attempt(transfer, parcel, options);
        const judgement = classify(fact, Date.now());
        tally.count(fact, judgement);
        if (judgement.outcome === 'ok') {
          const ms = Math.round(performance.now() - began);
          return {
            ...wanted,
            state: 'fetched',
            download: { ...judgement.value.download, ...tally.sums, ms },
          };
        }
        if (judgement.outcome === 'permanent') return failedHere(wanted, judgement.reason);
        const wait = waitAfter(judgement, tally, options);
        passOn(gate, parcel, judgement, options);
        if (wait === undefined) return lostHere(wanted, judgement.reason);
        tell(parcel, judgement.reason.detail, { wait, attempt: tally.sums.attempts, report: options.report });
        if (!(await untilStopped((signal) => delay(wait, undefined, { signal }))))
          return { ...wanted, state: 'wanted' };
      }
    } finally {
      permit.release();
    }
  };
}

async function attempt(
  transfer: Transfer,
  parcel: In<'admitted'>,
  { signal, partFor }: DownloadOptions,
): Promise<Fact> {
  const { item, location, permit } = parcel;
  try {
    return await transfer({ item, location, part: partFor(parcel), signal });
  } finally {
    permit.rest();
  }
}

function tell(
  { item, location }: In<'admitted'>,
  reason: string,
  { report, ...numbers }: { wait: number; attempt: number; report: Report },
): void {
  report({ event: 'retry', item: item.id, url: location.url, reason, ...numbers });
}

/** A server that asks for time asks it on behalf of its whole host. */
function passOn(
  gate: Gate,
  { location }: In<'admitted'>,
  judgement: Judgement,
  { retryAfterMax }: DownloadOptions,
): void {
  if (judgement.outcome !== 'retry') return;
  const { after, reason } = judgement;
  if (after === undefined && reason.code !== 'rate-limited') return;
  gate.askedToWait(
    laneOf(location),
    after === undefined ? undefined : Math.min(after, retryAfterMax),
    reason.detail,
  );
}

/** How long until the next try; undefined when there is none. */
function waitAfter(judgement: Judgement, tally: Attempts, options: DownloadOptions): number | undefined {
  if (judgement.outcome !== 'retry' || tally.spent) return undefined;
  if ((judgement.after ?? 0) > options.retryAfterMax) return undefined;
  return tally.restarted ? 0 : delayBefore(Math.max(1, tally.failures), options, options.random);
}

/** Waits for something; false if the run was asked to stop meanwhile: then the item stays open. */
function waiter(
  options: DownloadOptions,
): (wait: (signal: AbortSignal) => Promise<void>) => Promise<boolean> {
  const either = eitherOf(options);
  return async (wait) => {
    try {
      await wait(either);
      return true;
    } catch (error) {
      options.signal.throwIfAborted();
      if (options.stop.aborted) return false;
      throw error;
    }
  };
}

class Attempts {
  readonly #retries: number;
  /** Tries in a row that brought nothing. */
  failures = 0;
  /** How often it was asked, and how many answers the bytes are joined from. */
  readonly sums = { attempts: 0, pieces: 0 };
  restarted = false;
  #restarts = 0;

  constructor(retries: number) {
    this.#retries = retries;
  }

  get spent(): boolean {
    return this.failures > this.#retries || this.sums.attempts >= Math.max(MOST_ATTEMPTS, this.#retries + 1);
  }

  count(fact: Fact, { outcome }: Judgement): void {
    this.sums.attempts++;
    this.restarted = fact.fact === 'restart' && this.#restarts++ < MOST_RESTARTS;
    if (fact.fact === 'restart') this.sums.pieces = 0;
    const gained = 'gained' in fact && fact.gained > 0;
    if (gained || fact.fact === 'whole')
      this.sums.pieces = fact.resumed ? Math.max(1, this.sums.pieces) + 1 : 1;
    if (gained) {
      this.failures = 0;
    } else if (outcome !== 'ok' && !this.restarted) this.failures++;
  }
}
