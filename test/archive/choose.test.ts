import { describe, expect, test } from 'vitest';
import { type Capture, plainDigest, timeOf, timestampOf } from '../../src/archive/capture.ts';
import { choose } from '../../src/archive/choose.ts';
import type { Kind } from '../../src/model.ts';

const capture = (timestamp: string, given: Partial<Capture> = {}): Capture => ({
  timestamp,
  original: 'http://blog.example/1.jpg',
  mimetype: 'image/jpeg',
  statuscode: '200',
  digest: timestamp,
  ...given,
});
const times = (captures: readonly Capture[], date: string | null = null, kind: Kind = 'image', most = 5) =>
  choose(captures, { kind, date }, { most, placeholders: new Set() }).map(({ timestamp }) => timestamp);

describe('of several captures', () => {
  const years = ['20100101000000', '20150101000000', '20190601000000', '20240101000000'].map((time) =>
    capture(time),
  );

  test('the nearest to the day of the post comes first, before or after it', () => {
    expect(times(years, '2018-05-31T00:00:00Z')).toEqual([
      '20190601000000',
      '20150101000000',
      '20240101000000',
      '20100101000000',
    ]);
  });

  test('of media without a date, the nearest to when a page was seen to show them', () => {
    const seen = '2015-02-01T00:00:00Z';
    const given = { kind: 'image', date: null, seen } as const;
    expect(choose(years, given, { most: 1, placeholders: new Set() })[0]?.timestamp).toBe('20150101000000');
  });

  test('where no day is known the newest comes first', () => {
    expect(times(years)).toEqual(['20240101000000', '20190601000000', '20150101000000', '20100101000000']);
  });

  test('each content is taken once: where it was nearest', () => {
    const same = [
      capture('20100101000000', { digest: 'A' }),
      capture('20190101000000', { digest: 'A' }),
      capture('20200101000000'),
    ];
    expect(times(same, '2019-02-01T00:00:00Z')).toEqual(['20190101000000', '20200101000000']);
  });

  test('a revisit is told by the row whose bytes it met again', () => {
    const revisit = (timestamp: string, digest: string) =>
      capture(timestamp, { mimetype: 'warc/revisit', statuscode: '-', digest });
    const rows = [
      capture('20100101000000', { digest: 'A' }),
      revisit('20180101000000', 'A'), // the same picture
      capture('20110101000000', { digest: 'B', mimetype: 'text/html' }),
      revisit('20190101000000', 'B'), // a page
      revisit('20190201000000', 'C'), // of whatever
    ];
    expect(times(rows, '2019-01-01T00:00:00Z')).toEqual(['20100101000000', '20190201000000']);
  });

  test('a known placeholder is none, however its digest is written', () => {
    const rows = [capture('20190101000000', { digest: 'sha1:abc' }), capture('20180101000000')];
    const chosen = choose(rows, { kind: 'image', date: null }, { most: 5, placeholders: new Set(['ABC']) });
    expect(chosen.map(({ timestamp }) => timestamp)).toEqual(['20180101000000']);
  });

  test('those without a digest may all differ', () => {
    const rows = ['2018', '2019'].map((time) => capture(time, { digest: '-' }));
    expect(times(rows)).toEqual(['2019', '2018']);
  });

  test('only so many are taken', () => {
    expect(times(years, null, 'image', 2)).toEqual(['20240101000000', '20190601000000']);
  });
});

test.each<[string, Partial<Capture>, Kind, boolean]>([
  ['a picture for an image', {}, 'image', true],
  ['a redirect', { statuscode: '302' }, 'image', false],
  ['a page not found', { statuscode: '404' }, 'image', false],
  ['a revisit of which nothing else is known', { mimetype: 'warc/revisit', statuscode: '-' }, 'image', true],
  ['a capture of which nothing is said', { mimetype: '-', statuscode: '-', digest: '-' }, 'image', true],
  ['an address that nobody could ask for', { original: 'x'.repeat(9000) }, 'image', false],
  ['a page', { mimetype: 'text/html' }, 'image', false],
  ['a page, for a file', { mimetype: 'text/html' }, 'file', false],
  ['a picture for a video', {}, 'video', false],
  ['a video for an image', { mimetype: 'video/mp4' }, 'image', false],
  ['anything but a page for a file', { mimetype: 'application/pdf' }, 'file', true],
  ['an unknown type for an image', { mimetype: 'unk' }, 'image', true],
  ['a type that says nothing', { mimetype: 'application/octet-stream' }, 'video', true],
  ['text for an image', { mimetype: 'text/plain' }, 'image', false],
  ['the empty answer', { digest: '3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ' }, 'image', false],
  ['a time that is none', { timestamp: '2019-05-31' }, 'image', false],
  ['a time that leads elsewhere', { timestamp: '../../x' }, 'image', false],
])('%s: %o for %s is worth a request: %s', (_, given, kind, isWorth) => {
  expect(times([capture('20190531000000', given)], null, kind)).toHaveLength(isWorth ? 1 : 0);
});

test.each([
  ['20190531123456', '2019-05-31T12:34:56Z'],
  ['20190531', '2019-05-31T00:00:00Z'],
])('the time %s is %s', (timestamp, time) => {
  expect(timeOf(capture(timestamp))).toBe(time);
});

test('a capture of which only the year or the month is known takes part in the order, too', () => {
  const captures = [capture('2010'), capture('201906'), capture('20240101000000')];
  expect(times(captures, '2019-05-31T00:00:00Z')).toEqual(['201906', '20240101000000', '2010']);
});

test('a date of HTTP is a time of a capture, and nothing else is', () => {
  expect(timestampOf('Fri, 31 May 2019 12:34:56 GMT')).toBe('20190531123456');
  expect([timestampOf(undefined), timestampOf('soon')]).toEqual([undefined, undefined]);
});

test('a digest has one form', () => {
  expect(['sha1:abc', 'ABC', '-'].map(plainDigest)).toEqual(['ABC', 'ABC', '-']);
});
