import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { In, Location } from '../../src/model.ts';
import { unwrap } from '../../src/pipeline/unwrap.ts';
import { sniff } from '../../src/verify/content-type.ts';
import { fits } from '../../src/verify/expected.ts';
import { sumOf } from '../faults/sound.ts';
import { photo } from '../helpers/media.ts';
import { fetched, wanted } from '../helpers/parcels.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';

const picture = photo(1);
const packed = gzipSync(picture);
const page = `<!doctype html><html><body>${'Fern. '.repeat(300)}</body></html>`;
const snapshot: Location = {
  kind: 'snapshot',
  url: 'http://archive.example/web/1id_/http://blog.example/1.jpg',
};

interface Given {
  readonly kind?: 'image' | 'video' | 'file';
  readonly location?: Location;
  readonly filesizeMax?: number;
}

function opening(
  bytes: Buffer,
  { kind = 'image', location = snapshot, filesizeMax = 2 ** 20 }: Given,
  check: (came: { before: In<'fetched'>; after: In<'fetched'>; files: string[]; part: Buffer }) => void,
) {
  return withTempFolder(async (dir) => {
    const part = join(dir, 'a.part');
    writeFileSync(part, bytes);
    writeFileSync(`${part}.json`, '{}');
    const download = {
      part,
      bytes: bytes.length,
      sha256: sumOf(bytes),
      head: bytes.subarray(0, 4100),
      hasSidecar: true,
    };
    const before = { ...fetched(wanted({ kind }), download), location };
    const after = await unwrap(before, {
      filesizeMax,
      signal: new AbortController().signal,
      isOfKind: async (head, of) => {
        const found = await sniff(head);
        return (
          found !== undefined &&
          'type' in fits(found, { kind: of, url: 'http://blog.example/1.jpg', declared: undefined }, head)
        );
      },
    });
    check({ before, after, files: readdirSync(dir).sort(), part: readFileSync(part) });
  });
}

test('a picture in a wrapper that nobody announced takes its place', () =>
  opening(packed, {}, ({ after, files, part }) => {
    expect(part.equals(picture)).toBe(true);
    expect(after.download).toMatchObject({
      bytes: picture.length,
      sha256: sumOf(picture),
      hasSidecar: false,
      head: picture.subarray(0, 4100),
    });
    expect(files).toEqual(['a.part']);
  }));

test.each<[string, Buffer, Given]>([
  ['a page in a wrapper', gzipSync(page), {}],
  ['a picture where a film was expected', packed, { kind: 'video' }],
  ['what may be a file of any kind', packed, { kind: 'file' }],
  ['what came from the living web', packed, { location: { kind: 'live', url: 'http://blog.example/1.jpg' } }],
  ['a picture without a wrapper', picture, {}],
  ['a damaged wrapper', Buffer.from(packed.with(100, packed[100]! ^ 0xff)), {}],
  ['a cut wrapper', packed.subarray(0, 9000), {}],
  ['a wrapper with something behind it', Buffer.concat([packed, Buffer.from('x')]), {}],
  ['a wrapper in a wrapper', gzipSync(packed), {}],
  ['more than is allowed', packed, { filesizeMax: 15_000 }],
  ['a bomb', gzipSync(Buffer.concat([picture, Buffer.alloc(20_000_000)])), { filesizeMax: 2 ** 30 }],
])('%s stays as it came', (_, bytes, given) =>
  opening(Buffer.from(bytes), given, ({ before, after, files, part }) => {
    expect(after).toBe(before);
    expect(part.equals(bytes)).toBe(true);
    expect(files).toEqual(['a.part', 'a.part.json']);
  }),
);
