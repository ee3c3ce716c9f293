import { readFileSync } from 'node:fs';
import type { Download, In, Location, MediaItem, Permit, Reason } from '../../src/model.ts';

/** An item to play with, of which the test says only what matters to it. */
export const itemOf = (given: Partial<MediaItem> = {}): MediaItem => ({
  id: given.url ?? 'demo:1',
  kind: 'image',
  url: 'http://blog.example/1.jpg',
  alternates: [],
  post: 'p1',
  index: 0,
  date: null,
  ...given,
});

export const live = (url: string): Location => ({ kind: 'live', url });

export const wanted = (given: Partial<MediaItem> = {}): In<'wanted'> => {
  const item = itemOf(given);
  return { state: 'wanted', item, location: live(item.url), tried: [] };
};

export const numbered = (n: number, host = 'blog.example'): In<'wanted'> =>
  wanted({ id: `demo:${n}`, url: `http://${host}/${n}.jpg` });

export const freePermit: Permit = {
  clear: async () => undefined,
  rest: () => undefined,
  release: () => undefined,
};

export const admitted = (parcel: In<'wanted'>): In<'admitted'> => ({
  ...parcel,
  state: 'admitted',
  permit: freePermit,
});

export const lost = (
  parcel: In<'wanted'>,
  reason: Reason = { code: 'gone', detail: 'status 404' },
): In<'lost'> => ({
  ...parcel,
  state: 'lost',
  reason,
  tried: [
    { where: parcel.location.kind, url: parcel.location.url, outcome: reason.code, detail: reason.detail },
  ],
});

export const downloadOf = (given: Partial<Download> = {}): Download => ({
  part: '/nowhere/part',
  hasSidecar: false,
  bytes: 20_000,
  sha256: 'a'.repeat(64),
  head: new Uint8Array(),
  response: {},
  from: 'http://blog.example/1.jpg',
  memento: null,
  attempts: 1,
  pieces: 1,
  ms: 1,
  ...given,
});

export const fetched = (parcel: In<'wanted'>, download: Partial<Download> = {}): In<'fetched'> => ({
  ...parcel,
  state: 'fetched',
  download: downloadOf(download),
});

/** The bytes of a part file. */
export const bytesOf = (part: string): Buffer => readFileSync(part);

/** A promise that the test itself settles. */
export function latch<T = void>() {
  let open: (value: T) => void = () => undefined;
  let fail: (error: unknown) => void = () => undefined;
  const opened = new Promise<T>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  return { opened, open, fail };
}

/** Lets everything that can go on without time passing go on. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 50; i++) await new Promise<void>((resolve) => setImmediate(resolve));
}
