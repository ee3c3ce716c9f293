import type { Progress } from '../progress.ts';
import { type Active, Tracker } from '../tracker.ts';
import { pauseLine } from './telling.ts';
import { duration, nameIn, printable, shorten, size } from './words.ts';

/** Something that shows a run to a person while it works. */
export interface View {
  /** It tells of pauses by itself. */
  readonly tellsPauses?: boolean;
  see(event: Progress): void;
  /** A line of its own, above whatever is drawn. */
  say(line: string): void;
  end(): void;
}

/** Downloads that are over sooner are not worth a bar. */
const WORTH_SHOWING = 300;
const MOST_BARS = 6;

/** `  38/60 ████████████░░░░░░░  12.3 MB  4.1 MB/s  3 s left` in the width that there is. */
export function overall(tracker: Tracker, width: number): string {
  const { listed, isListed, settled, bytes, lost } = tracker;
  const { bytes: perSecond } = tracker.speed();
  const eta = tracker.eta();
  const left = eta === undefined ? (isListed ? '' : 'listing …') : `${duration(eta)} left`;
  const facts = [size(bytes), `${size(perSecond)}/s`, lost > 0 ? `${lost} lost` : '', left]
    .filter(Boolean)
    .join('  ');
  return fill(
    `${settled}/${listed}${isListed ? '' : '+'}`.padStart(9),
    listed === 0 ? 0 : settled / listed,
    facts,
    width,
  );
}

export function activeLines(tracker: Tracker, width: number): string[] {
  const now = performance.now();
  const old = [...tracker.active.values()].filter(({ since }) => now - since > WORTH_SHOWING);
  return old.slice(0, MOST_BARS).map((active) => activeLine(active, now, width));
}

function activeLine({ url, total, bytes, since }: Active, now: number, width: number): string {
  const speed = `${size((bytes / Math.max(1, now - since)) * 1000)}/s`;
  const name = shorten(nameIn(url), 24).padEnd(24);
  if (total === null) return `  ${name} ${size(bytes)}  ${speed}`.slice(0, width);
  return fill(`  ${name}`, bytes / Math.max(1, total), `${size(bytes)} of ${size(total)}  ${speed}`, width);
}

export function waitingLines(tracker: Tracker, width: number): string[] {
  const lines = tracker.resting().map(({ host, seconds, why }) => `  ${host} rests: ${seconds} s (${why})`);
  if (tracker.recovering.size > 0) lines.push(`  looking elsewhere for ${tracker.recovering.size} lost`);
  return lines.slice(0, 3).map((line) => shorten(line, width));
}

function fill(head: string, share: number, tail: string, width: number): string {
  const room = width - head.length - tail.length - 3;
  if (room < 5) return `${head}  ${tail}`.slice(0, width);
  const length = Math.min(room, 30);
  const full = Math.round(Math.min(1, share) * length);
  return `${head} ${'█'.repeat(full)}${'░'.repeat(length - full)}  ${tail}`;
}

/** Without a terminal: a plain line now and then, and when somebody asks us to wait. */
export function lines(out: { write(text: string): unknown }, everyMs = 5000): View {
  const tracker = new Tracker();
  let last = performance.now();
  return {
    tellsPauses: true,
    see(event) {
      tracker.see(event);
      if (event.event === 'pause') out.write(`${printable(pauseLine(event))}\n`);
      if (performance.now() - last < everyMs) return;
      last = performance.now();
      out.write(`${plain(tracker)}\n`);
    },
    say: (line) => out.write(`${printable(line)}\n`),
    end: () => undefined,
  };
}

function plain(tracker: Tracker): string {
  const eta = tracker.eta();
  const left = eta === undefined ? '' : `, ${duration(eta)} left`;
  return `${tracker.settled} of ${tracker.listed} settled, ${size(tracker.bytes)}, ${size(tracker.speed().bytes)}/s${left}`;
}

export const silence: View = { see: () => undefined, say: () => undefined, end: () => undefined };
