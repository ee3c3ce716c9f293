import type { Readable } from 'node:stream';
import type { Location, MediaItem } from '../model.ts';
import type { Report } from '../progress.ts';

interface Metering {
  /** Of the whole file, the part that was there before included; null where nobody says. */
  readonly total: number | null;
  readonly had: number;
  readonly see?: (chunk: Buffer) => void;
  readonly report: Report;
}

/** What comes in is counted, told, and shown to whoever sums it up. */
export function metered(
  { item, location }: { readonly item: MediaItem; readonly location: Location },
  body: Readable,
  { total, had, see, report }: Metering,
) {
  const about = { item: item.id, url: location.url };
  let gained = 0;
  report({ event: 'started', ...about, total, had });
  body.on('data', (chunk: Buffer) => {
    gained += chunk.length;
    see?.(chunk);
    report({ event: 'bytes', ...about, bytes: chunk.length });
  });
  return { gained: () => gained, end: () => report({ event: 'ended', ...about }) };
}
