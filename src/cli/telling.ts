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
    case 'recover':
      return verbose ? `looking for ${event.item} (${event.place})` : undefined;
    case 'item':
      return verbose && !event.recalled ? itemLine(event) : undefined;
    default:
      return undefined;
  }
}

export const pauseLine = ({ host, ms, why }: Extract<Progress, { event: 'pause' }>): string =>
  `${host} asked us to wait ${duration(ms / 1000)} (${why})`;

function itemLine({ record }: Extract<Progress, { event: 'item' }>): string {
  if (record.status === 'kept') return `${record.origin === 'live' ? 'kept' : record.origin}: ${record.path}`;
  const reason = record.reason;
  return `${record.status}: ${record.url}${reason ? ` — ${inWords(reason.code)} (${reason.detail})` : ''}`;
}

/** Events that a program may want, one a line; the flood of bytes is left to the library. */
const inJson: ReadonlySet<Progress['event']> = new Set([
  'run',
  'post',
  'item',
  'retry',
  'pause',
  'recover',
  'warning',
  'summary',
]);

export const jsonLine = (event: Progress): string | undefined =>
  inJson.has(event.event) ? `${JSON.stringify(event)}\n` : undefined;
