import { setTimeout as delay } from 'node:timers/promises';
import type { In, Parcel } from '../model.ts';
import { type BackoffOptions, delayBefore } from '../net/backoff.ts';
import type { Gate } from '../net/gate.ts';
import type { Glance } from '../net/glance.ts';
import { laneOf } from '../net/hosts.ts';
import { Parked } from '../net/lane.ts';
import type { Network } from '../net/network.ts';
import { eitherOf } from '../net/stopping.ts';
import type { Report } from '../progress.ts';
import { failedHere, lostHere } from './asked.ts';
import { Attempts } from './attempts.ts';
import {
  classify,
  type Fact,
  isBlock,
  isRefusal,
  isUnanswered,
  type Judgement,
  maybeNetwork,
  newsOf,
} from './outcome.ts';
import { stillThere } from './refresh.ts';
import { type Throttling, throttled } from './throttling.ts';
import type { Transfer } from './transfer.ts';

/** What the way to the world is made of. */
export interface Way {
  readonly gate: Gate;
  readonly transfer: Transfer;
  readonly network: Network;
  readonly throttling: Throttling;
  readonly glance: Glance;
}

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

/** Stage 2: attempt, classify, wait, again. The permit rests after each attempt, so a sleeper takes no place. */
export function download(way: Way, options: DownloadOptions) {
  const circumstances = { way, options };
  const untilStopped = waiter(options);
  return async (parcel: In<'admitted'>): Promise<Parcel> => {
    const { permit, ...wanted } = parcel;
    const attempts = new Attempts(options.retries);
    try {
      for (;;) {
        if (!(await untilStopped((signal) => permit.clear(signal)))) break;
        const judged = await attempt(parcel, attempts, circumstances);
        const end = await endOf(parcel, judged, attempts, circumstances);
        if (end) return end;
        const wait = waitBefore(attempts, options);
        tell(parcel, judged, { wait, attempt: attempts.sums.attempts, options });
        if (!(await untilStopped((signal) => delay(wait, undefined, { signal })))) break;
      }
      return { ...wanted, state: 'wanted' }; // as it came: the run was asked to stop
    } catch (error) {
      if (error instanceof Parked) return lostHere(wanted, error.reason);
      throw error;
    } finally {
      permit.release();
    }
  };
}

interface Circumstances {
  readonly way: Way;
  readonly options: DownloadOptions;
}

interface Judged {
  readonly fact: Fact;
  readonly judgement: Judgement;
}

/** One attempt, judged, counted, and told to all who learn from it. */
async function attempt(
  parcel: In<'admitted'>,
  attempts: Attempts,
  { way, options }: Circumstances,
): Promise<Judged> {
  const { item, location, permit } = parcel;
  const { transfer, network } = way;
  const about = { item, location, ...(!attempts.hasChanged && parcel.held && { held: parcel.held }) };
  const began = performance.now();
  let fact: Fact;
  try {
    const { signal, partFor } = options;
    fact = await transfer({ ...about, part: partFor(parcel), signal, afresh: attempts.afresh });
  } finally {
    permit.rest();
  }
  const judgement = classify(fact, Date.now());
  const isFree = maybeNetwork(fact) && network.isGone(began);
  attempts.count(fact, judgement, isFree);
  if (!isFree && location.kind !== 'adopted') passOn(way, parcel, { fact, judgement });
  return { fact, judgement };
}

/** What an answer says about its host concerns all who are about to ask it. */
function passOn(way: Way, { location }: In<'admitted'>, { fact, judgement }: Judged): void {
  const { gate, network, throttling } = way;
  const lane = laneOf(location);
  if (!isUnanswered(fact)) network.answered();
  gate.heard(lane, newsOf(fact, judgement));
  if (judgement.outcome === 'ok' || judgement.outcome === 'unchanged') throttling.well(lane, location.url);
  if (judgement.outcome !== 'retry') return;
  const { after, reason } = judgement;
  const isBlocked = location.kind === 'snapshot' && isBlock(fact);
  if (after !== undefined || reason.code === 'rate-limited' || isBlocked)
    gate.askedToWait(lane, after, reason.detail);
}

/** What an attempt leaves the parcel as; undefined if it is worth another one. */
async function endOf(
  parcel: In<'admitted'>,
  { fact, judgement }: Judged,
  attempts: Attempts,
  circumstances: Circumstances,
): Promise<Parcel | undefined> {
  const { permit: _, ...wanted } = parcel;
  if (judgement.outcome === 'ok')
    return { ...wanted, state: 'fetched', download: { ...judgement.value.download, ...attempts.sums } };
  if (judgement.outcome === 'unchanged') return stillThere(wanted, wanted.held!);
  if (judgement.outcome === 'permanent')
    return (isGuest(wanted) ? lostHere : failedHere)(wanted, judgement.reason);
  if (isRefusal(fact) && (await isMood(parcel, circumstances)))
    return failedHere(wanted, throttled(judgement.reason.detail));
  const isOver =
    judgement.outcome === 'lost' ||
    attempts.isSpent(judgement) ||
    (judgement.after ?? 0) > circumstances.options.retryAfterMax;
  return isOver ? lostHere(wanted, judgement.reason) : undefined;
}

/** An address that only the page of an item named: that it is forbidden says nothing about those of the item. */
const isGuest = ({ item, location }: Pick<Parcel, 'item' | 'location'>): boolean =>
  location.url === item.original?.url;

/**
 * A web archive that has it not says so in the same words, and means it. Of a run that is asked to stop nothing is
 * concluded: whatever is lost then is looked for by the next one.
 */
async function isMood(
  { item, location, permit }: In<'admitted'>,
  { way: { throttling, glance }, options: { stop } }: Circumstances,
): Promise<boolean> {
  if (location.kind === 'snapshot') return false;
  const ask = (url: string) => glance(url, permit);
  return (
    (await throttling.isMood(laneOf(location), { id: item.id, url: location.url }, ask)) && !stop.aborted
  );
}

const waitBefore = (attempts: Attempts, options: DownloadOptions): number =>
  attempts.restarted ? 0 : delayBefore(attempts.patience, options, options.random);

interface Telling {
  readonly wait: number;
  readonly attempt: number;
  readonly options: DownloadOptions;
}

function tell({ item, location }: In<'admitted'>, { judgement }: Judged, telling: Telling): void {
  const { options, ...numbers } = telling;
  const reason = 'reason' in judgement ? judgement.reason.detail : '';
  options.report({ event: 'retry', item: item.id, url: location.url, reason, ...numbers });
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
