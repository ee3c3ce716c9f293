import { describe, expect, test } from 'vitest';
import { WebArchiveError } from '../../src/archive/capture.ts';
import { cdxArchive } from '../../src/archive/cdx.ts';
import { mementoArchive, rawAt } from '../../src/archive/memento.ts';
import type { Found } from '../../src/archive/web-archive.ts';
import { type Behaviour, behaves, fails, serves, servesHtml } from '../../src/demo/behaviours.ts';
import { withAsk, withMemento } from '../helpers/fake-archive.ts';
import { type Running, withFakeBlog } from '../helpers/fake-blog.ts';
import { photo } from '../helpers/media.ts';

const url = 'http://blog.example/1.jpg?a=1,2;b';
const held = ['20150101000000', '20190531000000'].map((time) => ({
  url,
  time,
  body: photo(1),
  type: 'image/jpeg',
}));
const item = { date: '2019-06-01T00:00:00Z' };

describe('an archive that speaks Memento', () => {
  test('lists its captures in a TimeMap', () =>
    withMemento(held, {}, (archive) =>
      withAsk({}, async ({ ask }) => {
        const { find } = mementoArchive('m', `${archive.url}/all`);
        const { captures } = await find(url, item, ask);
        expect(captures.map(({ timestamp, uri }) => [timestamp, uri])).toEqual(
          held.map(({ time }) => [time, `${archive.url}/all/${time}/${url}`]),
        );
        expect(archive.requests.map(({ path }) => path)).toEqual([`/all/timemap/link/${url}`]);
      }),
    ));

  test('and has shown its TimeMaps is believed when it has none, at once', () =>
    withMemento(held, {}, (archive) =>
      withAsk({}, async ({ ask }) => {
        const { find } = mementoArchive('m', `${archive.url}/all`);
        await find(url, item, ask);
        expect(await find('http://blog.example/2.jpg', item, ask)).toEqual({ captures: [] });
        expect(archive.requests).toHaveLength(2);
      }),
    ));

  test('but has no TimeMaps is asked for the nearest capture', () =>
    withMemento(held, { hasTimeMaps: false }, (archive) =>
      withAsk({}, async ({ ask }) => {
        const { find } = mementoArchive('m', `${archive.url}/all`);
        const uri = `${archive.url}/all/20190531000000/${url}`;
        const nearest = { timestamp: '20190531000000', original: url, mimetype: 'image/jpeg', uri };
        for (let i = 0; i < 2; i++)
          expect((await find(url, item, ask)).captures).toEqual([
            { ...nearest, statuscode: '200', digest: '-' },
          ]);
        const gate = archive.requests.find(({ path }) => path === `/all/${url}`)!;
        expect(gate.headers['accept-datetime']).toBe('Sat, 01 Jun 2019 00:00:00 GMT');
        expect(await find('http://blog.example/2.jpg', item, ask)).toEqual({ captures: [] });
      }),
    ));

  test('whose nearest capture is of a 404 says nothing about the others', () =>
    withMemento([{ ...held[0]!, status: 404 }], { hasTimeMaps: false }, (archive) =>
      withAsk({}, async ({ ask }) => {
        const { find } = mementoArchive('m', `${archive.url}/all`);
        expect(await find(url, item, ask)).toMatchObject({
          captures: [{ statuscode: '404' }],
          partial: 'its TimeGate names one capture alone',
        });
      }),
    ));

  test('says in the words of Memento that it has none', () =>
    withMemento([], {}, (archive) =>
      withAsk({}, async ({ ask }) => {
        const { find } = mementoArchive('m', `${archive.url}/all`);
        expect(await find(url, item, ask)).toEqual({ captures: [] });
      }),
    ));

  test.each([
    ['a server that only knows no such page', fails(404)],
    ['a server with a page for everything', servesHtml()],
    ['a server in trouble', fails(502)],
  ])('is not %s: that proves no absence', (_, absent) =>
    withMemento([], { absent }, (archive) =>
      withAsk({}, async ({ ask }) => {
        const { find } = mementoArchive('m', `${archive.url}/all`);
        await expect(find(url, item, ask)).rejects.toBeInstanceOf(WebArchiveError);
      }),
    ),
  );

  const answering = (links: string, test: (find: () => Promise<Found>, url: string) => Promise<void>) =>
    withFakeBlog(
      { [`/timemap/link/${url}`]: serves(links, { type: 'application/link-format' }) },
      (archive) =>
        withAsk({}, ({ ask }) =>
          test(() => mementoArchive('m', archive.url).find(url, item, ask), archive.url),
        ),
    );

  test('may name its captures from where its TimeMap lies', () =>
    answering('</2019/x>; rel="memento"; datetime="Fri, 31 May 2019 00:00:00 GMT"', async (find, at) => {
      expect((await find()).captures).toMatchObject([{ uri: `${at}/2019/x`, timestamp: '20190531000000' }]);
    }));

  test('may name captures that nobody can ask for among others: they are told as what they are', () => {
    const links = [
      '</2019/x>; rel="memento"; datetime="Fri, 31 May 2019 00:00:00 GMT"',
      '</2020/x>; rel="memento"; datetime="soon"',
      '<data:,x>; rel="memento"; datetime="Fri, 31 May 2019 00:00:00 GMT"',
    ];
    return answering(links.join(','), async (find, at) => {
      const told = (await find()).captures.map(({ timestamp, uri }) => [timestamp, uri]);
      expect(told).toEqual([
        ['20190531000000', `${at}/2019/x`],
        ['-', `${at}/2020/x`],
        ['20190531000000', undefined],
      ]);
    });
  });

  test.each([
    ['are of no known day', '<http://m.example/2019/x>; rel="memento"; datetime="soon"'],
    ['lie nowhere', '<data:,x>; rel="memento"; datetime="Fri, 31 May 2019 00:00:00 GMT"'],
  ])('but whose captures %s proves nothing', (_, links) =>
    answering(links, async (find) => {
      await expect(find()).rejects.toBeInstanceOf(WebArchiveError);
    }),
  );

  test('may spread a TimeMap over pages, of which no more than five are read, all on its own host', () => {
    const map = behaves(({ request, response }) => {
      const n = Number(/\d+$/.exec(request.url!)?.[0] ?? 0);
      const here = `http://${request.headers.host}`;
      const at = new Date(Date.UTC(2010 + n, 0)).toUTCString();
      const links = [
        `<${url}>; rel="original"`,
        `<${here}/${2010 + n}0101000000/${url}>; rel="memento"; datetime="${at}"`,
        `<${here}/timemap/link/${url}>; rel="self timemap"; from="${at}"`,
        `<${here}/page/${n + 1}>; rel="timemap"; type="application/link-format"; from="${at}"`,
        `<http://elsewhere.example/page/${n}>; rel="timemap"; from="${at}"`,
      ];
      response.writeHead(200, { 'content-type': 'application/link-format' }).end(links.join(','));
    });
    return withFakeBlog(
      { [`/timemap/link/${url}`]: map },
      (archive) =>
        withAsk({}, async ({ ask }) => {
          const { captures } = await mementoArchive('m', archive.url).find(url, item, ask);
          expect(captures.map(({ timestamp }) => timestamp.slice(0, 4))).toEqual([
            '2010',
            '2011',
            '2012',
            '2013',
            '2014',
          ]);
          expect(archive.requests).toHaveLength(5);
        }),
      { otherwise: map },
    );
  });
});

describe('a TimeMap over pages', () => {
  const when = 'Fri, 31 May 2019 00:00:00 GMT';
  const says = (links: (here: string) => readonly string[]) =>
    behaves(({ request, response }) => {
      const text = links(`http://${request.headers.host}`).join(',');
      response.writeHead(200, { 'content-type': 'application/link-format' }).end(text);
    });
  const page = (at: string) => `<${at}>; rel="timemap"; from="${when}"`;
  const paged = (further: (here: string) => readonly string[]) =>
    says((here) => [
      `<${url}>; rel="original"`,
      `<${here}/timemap/link/${url}>; rel="self timemap"`,
      ...further(here).map(page),
    ]);
  const full = says((here) => [`<${here}/20190531000000/${url}>; rel="memento"; datetime="${when}"`]);
  const finding = (
    script: Record<string, Behaviour>,
    test: (found: Found, archive: Running) => Promise<void> | void,
  ) =>
    withFakeBlog(script, (archive) =>
      withAsk({ retries: 0 }, async ({ ask }) =>
        test(await mementoArchive('m', archive.url).find(url, item, ask), archive),
      ),
    );
  const map = `/timemap/link/${url}`;
  const two = paged((here) => [`${here}/page/1`, `${here}/page/2`]);

  test('has told all once all of them are read', () =>
    finding({ [map]: two, '/page/1': full, '/page/2': full }, (found) => {
      expect(found.captures).toHaveLength(2);
      expect(found.partial).toBeUndefined();
    }));

  test.each([
    ['is not there', fails(404)],
    ['is no TimeMap', servesHtml()],
    ['is out of order', fails(502)],
  ])('of which one %s is read on with the next', (_, trouble) =>
    finding({ [map]: two, '/page/1': trouble, '/page/2': full }, (found, archive) => {
      expect(found.captures.map(({ timestamp }) => timestamp)).toEqual(['20190531000000']);
      expect(found.partial).toBe('pages of its TimeMap that were not read: 1');
      expect(archive.requests.map(({ path }) => path)).toEqual([map, '/page/1', '/page/2']);
    }),
  );

  test.each([
    ['none is there', two, 3, 2],
    ['the others lie on another host', paged(() => ['http://other.example/1', 'data:,x']), 1, 2],
    ['there are too many', paged((here) => [1, 2, 3, 4, 5, 6, 7].map((n) => `${here}/page/${n}`)), 5, 7],
  ])('of which %s has not told all', (_, first, asked, unread) =>
    finding({ [map]: first }, (found, archive) => {
      expect(found).toEqual({ captures: [], partial: `pages of its TimeMap that were not read: ${unread}` });
      expect(archive.requests).toHaveLength(asked);
    }),
  );
});

describe('the bytes of a capture', () => {
  const at = 'https://m.example/all/20190531000000';
  const uri = (text: string) => ({
    timestamp: '2019',
    original: url,
    mimetype: '-',
    statuscode: '-',
    digest: '-',
    uri: text,
  });

  test.each([
    ['are asked for raw', `${at}/${url}`, [`${at}id_/${url}`, `${at}/${url}`]],
    ['are asked for raw in place of otherwise', `${at}im_/${url}`, [`${at}id_/${url}`, `${at}im_/${url}`]],
    ['may be known to lie raw', `${at}id_/${url}`, [`${at}id_/${url}`]],
    ['lie where the archive says', 'https://m.example/show?id=7', ['https://m.example/show?id=7']],
    [
      'lie below an address without a scheme',
      `${at}/blog.example/1.jpg`,
      [`${at}id_/blog.example/1.jpg`, `${at}/blog.example/1.jpg`],
    ],
  ])('%s', (_, given, expected) => {
    expect(rawAt(uri(given), 'image')).toEqual(expected);
  });

  test('of what may be a page are only asked for raw', () => {
    expect(rawAt(uri(`${at}/${url}`), 'file')).toEqual([`${at}id_/${url}`]);
  });

  test('that lie nowhere, or too far, are not asked for', () => {
    const { uri: _, ...without } = uri('');
    expect(rawAt(without, 'image')).toEqual([]);
    expect(rawAt(uri(`${at}/${'x'.repeat(9000)}`), 'image')).toEqual([]);
  });
});

describe('an index of lines', () => {
  const archiveAt = (index: string) => cdxArchive('c', { index, replay: index });

  test('is asked for one address, without filters', () =>
    withMemento(held, {}, (archive) =>
      withAsk({}, async ({ ask }) => {
        const { find } = archiveAt(`${archive.url}/all/cdx`);
        expect((await find(url, item, ask)).captures.map(({ timestamp }) => timestamp)).toEqual(
          held.map(({ time }) => time),
        );
        expect(await find('http://blog.example/2.jpg', item, ask)).toEqual({ captures: [] });
        const { searchParams } = new URL(archive.requests[0]!.path, archive.url);
        expect([...searchParams.keys()]).toEqual(['url', 'output', 'limit']);
      }),
    ));

  test.each([
    ['says so with 404', 404, 'application/json', '{"message": "No Captures found for: x"}', true],
    ['sends nothing, as lines', 200, 'text/x-ndjson', '', true],
    ['sends nothing, as nobody knows what', 200, 'text/html', '', false],
    ['has no such page', 404, 'text/html', 'not found', false],
  ])('that %s', (_, status, type, body, isAbsence) =>
    withFakeBlog(
      {
        '/cdx': behaves(
          ({ response }) => void response.writeHead(status, { 'content-type': type }).end(body),
        ),
      },
      (archive) =>
        withAsk({ retries: 0 }, async ({ ask }) => {
          const asked = archiveAt(`${archive.url}/cdx`).find(url, item, ask);
          if (isAbsence) expect(await asked).toEqual({ captures: [] });
          else await expect(asked).rejects.toBeInstanceOf(WebArchiveError);
        }),
    ),
  );

  test('that answers with a page is asked again', () =>
    withFakeBlog(
      {
        '/cdx': servesHtml()
          .times(1)
          .then(serves('', { type: 'text/x-ndjson' })),
      },
      (archive) =>
        withAsk({}, async ({ ask }) => {
          expect(await archiveAt(`${archive.url}/cdx`).find(url, item, ask)).toEqual({ captures: [] });
          expect(archive.requests).toHaveLength(2);
        }),
    ));
});
