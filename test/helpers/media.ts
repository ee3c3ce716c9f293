import { readFileSync } from 'node:fs';

const sample = (name: string): Buffer =>
  readFileSync(new URL(`../../fixtures/demo/media/${name}`, import.meta.url));

/** One real file of each kind. */
export const jpeg = sample('fern-0001.jpg');
export const png = sample('fern-0060.png');
export const gif = sample('fern-0054.gif');
export const webp = sample('fern-0042.webp');
export const mp4 = sample('fern-0052.mp4');
export const mp3 = sample('fern-0014.mp3');
export const ogg = sample('fern-0025.ogg');

const start = Buffer.from(
  'ffd8ffe000104a46494600010100000100010000ffc0000b080040004001011100ffda0008010100003f00',
  'hex',
);
const end = Buffer.from('ffd9', 'hex');

/**
 * The n-th of endlessly many JPEG files, always the same one and unlike all others: sound in its parts, with noise
 * for a picture.
 */
export function photo(n = 1, size = 20_000): Buffer {
  const noise = Buffer.alloc(Math.max(0, size - start.length - end.length));
  let state = (n * 2654435761) >>> 0 || 1;
  for (let i = 0; i < noise.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    noise[i] = (state >>> 8) % 0xff; // never ff, which would begin a marker
  }
  return Buffer.concat([start, noise, end]);
}

/** The first so many of them. */
export const photos = (count: number, size?: number): Buffer[] =>
  Array.from({ length: count }, (_, i) => photo(i + 1, size));
