import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { choose, inWords } from '../../src/sources/choose.ts';
import type { Sight, Source } from '../../src/sources/source.ts';
import { testContext } from '../helpers/source-suite.ts';

async function withServer(answer: RequestListener, test: (url: string) => Promise<void>): Promise<void> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await test(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

const says =
  (status: number, body: string, headers: Record<string, string | string[]> = {}): RequestListener =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'text/html', ...headers }).end(body);
  };

const source = (name: string, given: Partial<Source> = {}): Source => ({
  name,
  takes: `what ${name} takes`,
  settings: {},
  claims: () => false,
  open: () => Promise.reject(new Error('only chosen, never opened')),
  ...given,
});

const recognising = (name: string, why: string) =>
  source(name, { recognises: async ({ target }) => ({ target: `${target}#${name}`, why }) });

const withSources = (sources: readonly Source[], isSurvey = false) => ({
  sources,
  named: null,
  context: testContext(),
  isSurvey,
});

it('hands what one look has shown to each source, and takes the first that knows it', () =>
  withServer(
    says(
      200,
      '<html><head><base href="/blog/"><meta name="Generator" content="Reed 2"><link rel="Alternate feed" href="feed.xml" type="application/rss+xml" title="Moss">',
      { link: '<https://api.example/>; rel="https://api.w.org/"' },
    ),
    async (url) => {
      const sights: Sight[] = [];
      const blind = source('blind', { recognises: async (sight) => void sights.push(sight) as undefined });
      const context = testContext();
      const sources = [blind, recognising('reed', 'it says so'), recognising('other', 'it might')];
      const { chosen, others } = await choose(`${url}/x`, { sources, named: null, context });
      expect([chosen.source.name, chosen.target, chosen.why]).toEqual([
        'reed',
        `${url}/x#reed`,
        'it says so',
      ]);
      expect([others, context.asked]).toEqual([[], [`${url}/x`]]); // one look for all of them
      expect(sights[0]).toMatchObject({ status: 200, type: 'text/html', generator: 'Reed 2' });
      expect(sights[0]!.links).toEqual([
        { rel: ['https://api.w.org/'], href: 'https://api.example/', type: undefined, title: undefined },
        {
          rel: ['alternate', 'feed'],
          href: `${url}/blog/feed.xml`,
          type: 'application/rss+xml',
          title: 'Moss',
        },
      ]);
    },
  ));

it('asks all of them where it is asked what there is to choose from, and tells who could not say', () =>
  withServer(says(200, '<p>moss'), async (url) => {
    const broken = source('broken', {
      recognises: () => {
        throw new TypeError('it fell');
      },
    });
    const sources = [broken, recognising('reed', 'one'), recognising('sedge', 'two')];
    const { chosen, others, doubts } = await choose(url, withSources(sources, true));
    expect([chosen.source.name, others.map(({ source }) => source.name)]).toEqual(['reed', ['sedge']]);
    expect(doubts.map(inWords)).toEqual(['broken: The source broken failed: it fell.']);
  }));

it.each([
  [200, 'ERR_USAGE', "its server answers with text/html. 'oxbow sources' tells what is taken."],
  [401, 'ERR_AUTH', 'is closed: its server answers 401.'],
  [403, 'ERR_AUTH', 'is closed: its server answers 403. Give a cookie (--cookies FILE)'],
  [404, 'ERR_SOURCE', 'is gone: its server answers 404.'],
  [410, 'ERR_SOURCE', 'is gone: its server answers 410.'],
])('says what became of an address that nobody knows and that answers %i', (status, code, sentence) =>
  withServer(says(status, '<p>moss'), async (url) => {
    const error = await choose(url, withSources([source('reed')])).catch((error) => error);
    expect(error).toMatchObject({ code, message: expect.stringContaining(sentence) });
  }),
);

it('lets a source that can ask elsewhere have a page that is refused', () =>
  withServer(says(403, 'no'), async (url) => {
    const { chosen } = await choose(url, withSources([recognising('reed', 'its API is open')]));
    expect(chosen.source.name).toBe('reed');
  }));

it('lets no other source have what a setting that does not fit keeps from its own', () =>
  withServer(says(200, '<p>moss'), async (url) => {
    const strict = source('strict', {
      recognises: () => Promise.reject(new UsageError("'0' does not fit sources.strict.limit.")),
    });
    await expect(choose(url, withSources([strict, recognising('reed', 'one')]))).rejects.toThrow(
      /does not fit/,
    );
  }));

it('looks no further than half a megabyte, whatever comes', () =>
  withServer(
    (_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      const more = () => {
        while (response.write('<p>moss '.repeat(10_000)));
        response.once('drain', more);
      };
      more();
    },
    async (url) => {
      let length = 0;
      const reed = source('reed', {
        recognises: async ({ target, start }) => {
          length = start.length;
          return { target, why: 'it is long' };
        },
      });
      await choose(url, withSources([reed]));
      expect(length).toBe(2 ** 19);
    },
  ));
