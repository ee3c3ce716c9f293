import { expect, test } from 'vitest';
import type { Location, Measure, MediaItem, MediaRecord } from '../../src/model.ts';
import { renditions } from '../../src/pipeline/renditions.ts';
import { itemOf, live } from '../helpers/parcels.ts';

const url = 'http://blog.example/s2048/1.jpg';
const small = 'http://blog.example/s640/1.jpg';
const large = 'http://blog.example/s4000/1.jpg';
const page = 'http://blog.example/s99999/1.jpg';
const original = { url: large, width: 4000, height: 3000 };

const alternate = (at: string): Location => ({ kind: 'alternate', url: at });
const capture = (of: string, more: Partial<Location> = {}): Location => {
  const at = `http://archive.example/${of}`;
  const snapshot = { archive: 'wayback', time: '2020-01-02T03:04:05Z', url: at, original: of, digest: null };
  return { kind: 'snapshot', url: at, snapshot, ...more };
};

const side = (width: number): Measure => ({ width, height: (width / 4) * 3 });
const itself = { got: { url } };

test.each<
  [
    string,
    Partial<MediaItem>,
    Location,
    Measure | undefined,
    { got?: object; bestKnown?: MediaRecord['bestKnown'] },
  ]
>([
  ['what was wanted', {}, live(url), side(2048), {}],
  ['what was wanted, as large as was promised', side(2048), live(url), side(2048), {}],
  [
    'what was wanted, much smaller than was promised',
    side(2048),
    live(url),
    side(500),
    { ...itself, bestKnown: { url, ...side(2048) } },
  ],
  ['another address', {}, alternate(small), side(640), { got: { url: small }, bestKnown: { url } }],
  [
    'another address, as large as was promised',
    side(640),
    alternate(small),
    side(640),
    { got: { url: small } },
  ],
  ['a capture', {}, capture(url), side(2048), {}],
  [
    'a capture of a lesser size',
    {},
    capture(small, { isLesser: true }),
    side(640),
    { got: {}, bestKnown: { url } },
  ],
  [
    'a capture of a lesser size, as large as was promised',
    side(640),
    capture(small, { isLesser: true }),
    side(640),
    {},
  ],

  ['the original', { original }, live(large), side(4000), { got: { url: large } }],
  ['the original, whose size nobody knows', { original }, live(large), undefined, { got: { url: large } }],
  [
    'the original, smaller than its page says',
    { original },
    live(large),
    side(3999),
    { got: { url: large }, bestKnown: original },
  ],
  [
    'what is less than the original',
    { original },
    alternate(url),
    side(3999),
    { ...itself, bestKnown: original },
  ],
  ['what is as large as the original', { original }, alternate(url), side(4000), {}],
  [
    'what may be less than the original',
    { original: { url: large } },
    alternate(url),
    side(2048),
    { ...itself, bestKnown: { url: large } },
  ],
  [
    'a capture of what is less than the original',
    { original },
    capture(url),
    side(2048),
    { got: {}, bestKnown: original },
  ],
  ['a capture of the original', { original }, capture(large), side(4000), {}],
  ['a capture of the original, whose size nobody knows', { original }, capture(large), undefined, {}],

  ['what may be larger', { larger: page }, live(url), side(2048), { ...itself, bestKnown: { url: page } }],
  [
    'another address of what may be larger',
    { larger: page },
    alternate(small),
    side(640),
    { got: { url: small }, bestKnown: { url: page } },
  ],
  [
    'a capture of what may be larger',
    { larger: page },
    capture(url),
    side(2048),
    { got: {}, bestKnown: { url: page } },
  ],
  [
    'an original that an earlier run was told of',
    { larger: page },
    alternate(large),
    side(4000),
    { got: { url: large } },
  ],
])('of %s', (_, given, location, measure, expected) => {
  const item = itemOf({ url, alternates: [small], ...given });
  const got = expected.got && { url: location.url, ...measure, ...expected.got };
  expect(renditions(item, location, measure)).toEqual({ ...expected, ...(got && { got }) });
});
