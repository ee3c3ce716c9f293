import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type Behaviour, cuts, fails, servesHtml } from '../../src/demo/behaviours.ts';
import { type Capture, timeOf, urlKey } from '../../src/demo/captures.ts';
import { ask } from '../helpers/ask.ts';
import { withFakeArchive } from '../helpers/fake-archive.ts';
import { photo } from '../helpers/media.ts';

const one = photo(1);
const two = photo(2);
const url = 'https://www.wren.example/media/a.jpg';

const held: readonly Capture[] = [
  { url, time: '20190611120000', body: two, type: 'image/jpeg' },
  { url: 'http://wren.example:80/media/a.jpg', time: '20170305081530', body: one, type: 'image/jpeg' },
  { url, time: '20210101000000', body: Buffer.from('gone'), type: 'text/html; charset=utf-8', status: 404 },
  { url, time: '20200202020202', body: two, type: 'image/jpeg', digest: 'OFMYOWN' },
  { url: 'https://wren.example/media/b.jpg', time: '20180101000000', body: one, type: 'image/jpeg' },
];

describe('the index', () => {
  const rows = async (base: string, query: Record<string, string> | [string, string][]) => {
    const { body } = await ask(`${base}/cdx/search/cdx?${new URLSearchParams(query)}`);
    return JSON.parse(body.toString()) as string[][];
  };

  test('names its fields in the first row, then the captures of an address, the oldest first', async () => {
    await withFakeArchive(held, {}, async (archive) => {
      const [head, ...found] = await rows(archive.url, { url, output: 'json' });
      expect(head).toEqual(['urlkey', 'timestamp', 'original', 'mimetype', 'statuscode', 'digest', 'length']);
      expect(found.map((row) => row[1])).toEqual([
        '20170305081530',
        '20190611120000',
        '20200202020202',
        '20210101000000',
      ]);
      expect(found[3]!.slice(0, 5)).toEqual([
        'example,wren)/media/a.jpg',
        '20210101000000',
        url,
        'text/html',
        '404',
      ]);
      expect(archive.requests[0]).toMatchObject({ method: 'GET', status: 200 });
    });
  });

  test('gives the true SHA-1 of the bytes in base32, unless another digest was given', async () => {
    await withFakeArchive(held, {}, async (archive) => {
      const found = await rows(archive.url, { url, output: 'json', fl: 'digest' });
      expect(found[0]).toEqual(['digest']);
      expect(hexOf(found[1]![0]!)).toBe(createHash('sha1').update(one).digest('hex'));
      expect(found[3]).toEqual(['OFMYOWN']);
    });
  });

  test('finds no difference in scheme, www. and default port', async () => {
    await withFakeArchive(held, {}, async (archive) => {
      for (const asked of ['http://wren.example/media/a.jpg', 'wren.example:443/media/A.jpg', url]) {
        expect(await rows(archive.url, { url: asked, output: 'json' })).toHaveLength(5);
      }
      expect(
        await rows(archive.url, { url: 'http://wren.example:8080/media/a.jpg', output: 'json' }),
      ).toEqual([]);
    });
  });

  test('has an empty table, without names, for an address it never saw', async () => {
    await withFakeArchive(held, {}, async (archive) => {
      expect(await rows(archive.url, { url: 'https://wren.example/c.jpg', output: 'json' })).toEqual([]);
    });
  });

  test.each<[[string, string][], string[]]>([
    [[['filter', 'statuscode:200']], ['2017', '2019', '2020']],
    [[['filter', '!statuscode:200']], ['2021']],
    [
      [
        ['filter', 'statuscode:200'],
        ['filter', '!mimetype:image/jpeg'],
      ],
      [],
    ],
    [[['filter', 'mimetype:image/.*']], ['2017', '2019', '2020']],
    [[['filter', 'statuscode:20']], []],
    [[['limit', '2']], ['2017', '2019']],
    [[['limit', '-1']], ['2021']],
    [
      [
        ['from', '2019'],
        ['to', '2020'],
      ],
      ['2019', '2020'],
    ],
    [[['from', '20190611120001']], ['2020', '2021']],
    [[['collapse', 'timestamp:3']], ['2017', '2020']],
  ])('picks by %j', async (query, years) => {
    await withFakeArchive(held, {}, async (archive) => {
      const found = await rows(archive.url, [
        ['url', url],
        ['output', 'json'],
        ['fl', 'timestamp'],
        ...query,
      ]);
      expect(found.slice(1).map(([time]) => time!.slice(0, 4))).toEqual(years);
    });
  });

  test('speaks plain lines where no JSON is asked for, and refuses a question without an address', async () => {
    await withFakeArchive(held, {}, async (archive) => {
      const { body } = await ask(
        `${archive.url}/cdx/search/cdx?url=wren.example/media/b.jpg&fl=timestamp,statuscode`,
      );
      expect(body.toString()).toBe('20180101000000 200\n');
      expect((await ask(`${archive.url}/cdx/search/cdx`)).status).toBe(400);
    });
  });

  test('misbehaves as it is told, for good or for a while', async () => {
    const question = `/cdx/search/cdx?output=json&url=${encodeURIComponent(url)}`;
    await withFakeArchive(held, { index: servesHtml() }, async (archive) => {
      expect((await ask(archive.url + question)).headers['content-type']).toContain('text/html');
    });
    const tired = { index: (proper: Behaviour) => fails(503).times(1).then(proper) };
    await withFakeArchive(held, tired, async (archive) => {
      expect((await ask(archive.url + question)).status).toBe(503);
      expect((await ask(`${archive.url}${question}&limit=1`)).status).toBe(200);
    });
  });
});

describe('the replay', () => {
  test('gives a capture as it was, with the time of the capture and the headers of old', async () => {
    await withFakeArchive(held, {}, async (archive) => {
      const { status, headers, body } = await ask(`${archive.url}/web/20190611120000id_/${url}`);
      expect([status, body.equals(two)]).toEqual([200, true]);
      expect(headers).toMatchObject({
        'content-type': 'image/jpeg',
        'memento-datetime': 'Tue, 11 Jun 2019 12:00:00 GMT',
        'x-archive-orig-content-type': 'image/jpeg',
        'x-archive-orig-content-length': '20000',
        link: `<${url}>; rel="original"`,
      });
    });
  });

  test('gives a captured refusal as one, and still as a capture', async () => {
    await withFakeArchive(held, {}, async (archive) => {
      const { status, headers } = await ask(`${archive.url}/web/20210101000000id_/${url}`);
      expect([status, headers['memento-datetime']]).toEqual([404, 'Fri, 01 Jan 2021 00:00:00 GMT']);
    });
  });

  test.each([
    ['2018', '20170305081530', 'http://wren.example:80/media/a.jpg'],
    ['20190611115959', '20190611120000', url],
    ['0', '20170305081530', 'http://wren.example:80/media/a.jpg'],
    ['20990101', '20210101000000', url],
  ])('leads from the time %s to the nearest capture', async (asked, time, original) => {
    await withFakeArchive(held, {}, async (archive) => {
      const { status, headers } = await ask(`${archive.url}/web/${asked}id_/${url}`);
      expect([status, headers.location]).toEqual([302, `${archive.url}/web/${time}id_/${original}`]);
      expect(headers['x-archive-redirect-reason']).toBe(`found capture at ${time}`);
      expect(headers['memento-datetime']).toBeUndefined();
    });
  });

  test('says in its own name that it has no capture', async () => {
    await withFakeArchive(held, {}, async (archive) => {
      for (const path of ['/web/2019id_/https://wren.example/never.jpg', '/web/2019id_/::', '/elsewhere']) {
        const { status, headers } = await ask(archive.url + path);
        expect([status, headers['content-type'], headers['memento-datetime']]).toEqual([
          404,
          'text/html; charset=utf-8',
          undefined,
        ]);
      }
    });
  });

  test('misbehaves with one capture as it is told', async () => {
    const captures: Capture[] = [
      { url, time: '20190101000000', body: one, type: 'image/jpeg', behaviour: cuts(one).after(100) },
      { url, time: '20200101000000', body: one, type: 'image/jpeg', behaviour: servesHtml(), memento: false },
    ];
    await withFakeArchive(captures, {}, async (archive) => {
      const cut = await ask(`${archive.url}/web/20190101000000id_/${url}`);
      expect([cut.body.length, cut.broken, cut.headers['memento-datetime']]).toEqual([
        100,
        'ECONNRESET',
        'Tue, 01 Jan 2019 00:00:00 GMT',
      ]);
      const refused = await ask(`${archive.url}/web/20200101000000id_/${url}`);
      expect([refused.status, refused.headers['memento-datetime']]).toEqual([200, undefined]);
    });
  });
});

test.each([
  ['https://www.Wren.example/Media/A.jpg', 'example,wren)/media/a.jpg'],
  ['http://wren.example', 'example,wren)/'],
  ['wren.example:443/a?z=1&b=2', 'example,wren)/a?b=2&z=1'],
  ['http://127.0.0.1:8123/a.jpg', '127.0.0.1:8123)/a.jpg'],
])('files %s under %s', (address, key) => {
  expect(urlKey(address)).toBe(key);
});

test('reads short timestamps as the beginning of that time', () => {
  expect(new Date(timeOf('2019')).toISOString()).toBe('2019-01-01T00:00:00.000Z');
  expect(new Date(timeOf('201906')).toISOString()).toBe('2019-06-01T00:00:00.000Z');
  expect(new Date(timeOf('20190611120001')).toISOString()).toBe('2019-06-11T12:00:01.000Z');
});

const hexOf = (base32: string) => {
  const bits = [...base32]
    .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
    .join('');
  return bits
    .match(/.{4}/g)!
    .map((four) => Number.parseInt(four, 2).toString(16))
    .join('');
};
