import type { Progress } from '../progress.ts';
import { inWords } from '../reasons.ts';
import { duration, nameIn } from './words.ts';

/** What is told in a line of its own: always what a person must know, with -v what explains the rest. */
export function lineFor(event: Progress, verbose: boolean): string | undefined {
  switch (event.event) {
    case 'warning':
      return `warning: ${event.message}`;
    case 'pause':
      return verbose ? pauseLine(event) : undefined;
    case 'retry':
      return verbose
        ? `again: ${nameIn(event.url)}: ${event.reason}, next try in ${(event.wait / 1000).toFixed(1)} s`
        : undefined;
    case 'pace':
      return verbose ? paceLine(event) : undefined;
    case 'parked':
      return `${event.host} is left alone for ${duration(event.ms / 1000)}: ${event.why}`;
    case 'quota':
      return quotaLine(event);
    case 'post-gone':
      return verbose ? `post ${event.post} is gone from the blog` : undefined;
    case 'network':
      return event.gone ? 'The network is gone: waiting for it to come back.' : 'The network is back.';
    case 'recover':
      return verbose ? `looking for ${event.item} (${event.place})` : undefined;
    case 'suspect':
      return verbose ? `${event.path}: ${event.items} items of ${event.host} have the same bytes` : undefined;
    case 'item':
      return verbose && !event.recalled ? itemLine(event) : undefined;
    default:
      return undefined;
  }
}

function quotaLine({ resumes, waits, why }: Extract<Progress, { event: 'quota' }>): string {
  const then = timeOf(new Date(resumes), new Date());
  return waits
    ? `${why}. Listing goes on ${then}.`
    : `${why}. Media that are listed already go on; listing does ${then} if the run is still at work then (--wait waits).`;
}

/** A time of today; of another day with that day, for a quota may come back tomorrow. */
export function timeOf(then: Date, now: Date): string {
  const time = `at ${then.toTimeString().slice(0, 8)}`;
  return then.toDateString() === now.toDateString() ? time : `on ${dayOf(then)} ${time}`;
}

const dayOf = (day: Date): string =>
  [day.getFullYear(), day.getMonth() + 1, day.getDate()].map((n) => String(n).padStart(2, '0')).join('-');

function paceLine({ host, change, rate, why }: Extract<Progress, { event: 'pace' }>): string {
  const now = rate === null ? 'no limit' : `${rate.toFixed(rate < 1 ? 2 : 1)} requests a second`;
  return `${host}: ${change} at ${new Date().toTimeString().slice(0, 8)} to ${now}: ${why}`;
}

export const pauseLine = ({ host, ms, why }: Extract<Progress, { event: 'pause' }>): string =>
  `${host} rests for ${duration(ms / 1000)} (${why})`;

function itemLine({ record }: Extract<Progress, { event: 'item' }>): string {
  if (record.status === 'kept') return `${record.origin === 'live' ? 'kept' : record.origin}: ${record.path}`;
  const reason = record.reason;
  return `${record.status}: ${record.url}${reason ? ` — ${inWords(reason.code)} (${reason.detail})` : ''}`;
}

/** Events that a program may want, one a line; the flood of bytes is left to the library. */
const inJson: ReadonlySet<Progress['event']> = new Set([
  'run',
  'post',
  'post-gone',
  'quota',
  'item',
  'retry',
  'pause',
  'pace',
  'parked',
  'network',
  'recover',
  'suspect',
  'warning',
  'summary',
]);

export const jsonLine = (event: Progress): string | undefined =>
  inJson.has(event.event) ? `${JSON.stringify(event)}\n` : undefined;
