import { describe, expect, it } from 'vitest';
import { prefixQuestion, type RowPage } from '../../src/archive/prefix.ts';
import {
  asksToWait,
  type Behaviour,
  behaves,
  cuts,
  fails,
  redirects,
  serves,
  servesHtml,
} from '../../src/demo/behaviours.ts';
import { withFakeBlog } from '../helpers/fake-blog.ts';
import { answersPrefix, webPage } from '../helpers/prefix-index.ts';
import { type WebPages, withWebPages } from '../helpers/web-pages.ts';

const home = 'http://pondlog.example';
const pages = Array.from({ length: 7 }, (_, n) =>
  webPage(`${home}/post/${n}`, `2015010100000${n}`, `page ${n}`),
);
const prefix = 'pondlog.example/';

async function all({ web }: Pick<WebPages, 'web'>, rows = 3, from: string | null = null): Promise<RowPage[]> {
  const parts: RowPage[] = [];
  for await (const part of web.captures(prefix, { rows, from })) parts.push(part);
  return parts;
}

const paths = (parts: readonly RowPage[]) =>
  parts.map(({ rows }) => rows.map(({ original }) => original.replace(home, '')).join(' '));

const json = (value: unknown): Behaviour => serves(JSON.stringify(value), { type: 'application/json' });
const head = ['timestamp', 'original', 'mimetype', 'statuscode', 'digest'];
const row = (n: number) => ['20150101000000', `${home}/post/${n}`, 'text/html', '200', `D${n}`];

describe('the question for all that begins alike', () => {
  it('asks for sound pages and feeds, oldest first', () => {
    const question = new URL(
      prefixQuestion(
        { base: 'https://web.archive.org', from: '2014-02-03T04:05:06.789Z', to: null },
        { prefix: 'pond.example/~ann', rows: 50, key: 'example,pond)/~ann/b c+d 2015!' },
      ),
    );
    expect(question.origin + question.pathname).toBe('https://web.archive.org/cdx/search/cdx');
    expect(Object.fromEntries(question.searchParams)).toMatchObject({
      url: 'pond.example/~ann',
      matchType: 'prefix',
      limit: '50',
      showResumeKey: 'true',
      resumeKey: 'example,pond)/~ann/b c+d 2015!',
      from: '20140203040506',
    });
    expect(question.searchParams.has('to')).toBe(false);
    expect(question.search).toContain('b+c%2Bd'); // a key goes back as it came
  });

  it.each([
    ['text/html', true],
    ['application/xhtml+xml', true],
    ['application/rss+xml', true],
    ['application/atom+xml', true],
    ['text/xml', true],
    ['application/xml', true],
    ['text/css', false],
    ['image/svg+xml', false],
    ['warc/revisit', false],
  ])('of type %s: %s', (type, isWanted) => {
    const captures = [webPage(`${home}/x`, '20150101000000', 'x', { type })];
    return withWebPages(captures, {}, async (scene) => {
      expect((await all(scene))[0]!.rows).toHaveLength(isWanted ? 1 : 0);
    });
  });
});

describe('the index, leafed through', () => {
  it('gives all rows, part by part', () =>
    withWebPages(pages, {}, async (scene) => {
      const parts = await all(scene);
      expect(paths(parts)).toEqual(['/post/0 /post/1 /post/2', '/post/3 /post/4 /post/5', '/post/6']);
      expect(parts.map(({ key }) => key)).toEqual([null, parts[0]!.next, parts[1]!.next]);
      expect(parts[2]!.next).toBeNull();
      expect(scene.questions().map((asked) => asked.get('resumeKey'))).toEqual(parts.map(({ key }) => key));
    }));

  it('goes on from a key', () =>
    withWebPages(pages, {}, async (scene) => {
      const [first, ...others] = await all(scene);
      expect(await all(scene, 3, first!.next)).toEqual(others);
    }));

  it('asks nothing twice in a row', () =>
    withWebPages(pages, {}, async (scene) => {
      for (let n = 0; n < 3; n++) expect(paths(await all(scene, 100))).toHaveLength(1);
      expect(scene.questions()).toHaveLength(1);
    }));

  it('asks for no more than is read', () =>
    withWebPages(pages, {}, async ({ web, questions }) => {
      for await (const part of web.captures(prefix, { rows: 2, from: null })) {
        expect(part.rows).toHaveLength(2);
        break;
      }
      expect(questions()).toHaveLength(1);
    }));

  it('goes on behind a part in which nothing fits', () => {
    const index = behaves((exchange) =>
      json(exchange.request.url!.includes('resumeKey') ? [head, row(1)] : [[], ['k']]).answer(exchange),
    );
    return withWebPages([], { index }, async (scene) =>
      expect(paths(await all(scene))).toEqual(['', '/post/1']),
    );
  });

  it.each([
    ['the same again', 1],
    ['one after the other, and again', 3],
  ])('G09 ends where keys lead in a circle: %s', (_, length) => {
    let n = 0;
    const index = behaves((exchange) => json([head, row(n), [], [`key ${n++ % length}`]]).answer(exchange));
    return withWebPages([], { index }, async (scene) => {
      await expect(all(scene)).rejects.toMatchObject({
        code: 'ERR_SOURCE',
        message: "The index of the web archive goes round in circles at 'pondlog.example/'.",
      });
      expect(scene.questions()).toHaveLength(length + 1);
    });
  });
});

describe('trouble with the index', () => {
  it.each<[string, (proper: Behaviour) => Behaviour]>([
    ['fails', (proper) => fails(503).times(2).then(proper)],
    ['asks to wait', (proper) => asksToWait(0).times(2).then(proper)],
    ['answers with a page', (proper) => servesHtml().times(2).then(proper)],
    [
      'breaks off',
      (proper) =>
        cuts(JSON.stringify([head, row(1)]))
          .after(30)
          .times(2)
          .then(proper),
    ],
    ['answers with an object', (proper) => json({ error: 'busy' }).times(2).then(proper)],
    [
      'has a key that is none',
      (proper) =>
        json([head, row(1), [], [7]])
          .times(2)
          .then(proper),
    ],
  ])('passes: it %s twice', (_, index) =>
    withWebPages(pages, { index: (proper) => index(answersPrefix(pages)(proper)) }, async (scene) => {
      expect(paths(await all(scene, 100))[0]).toContain('/post/6');
      expect(scene.questions()).toHaveLength(3);
    }),
  );

  it.each([
    ['fails', fails(500), 3, 'it answers 500.'],
    ['refuses', fails(403), 1, 'it answers 403.'],
    ['answers with a page', servesHtml(), 3, 'it answers with something that is no index.'],
    ['answers with rows that are too short', json([head, ['20150101']]), 3, 'something that is no index.'],
  ])('that lasts ends the listing: it %s', (_, index, questions, sentence) =>
    withWebPages([], { index }, async (scene) => {
      const error = await all(scene).catch((error) => error);
      expect(error).toMatchObject({
        code: 'ERR_SOURCE',
        exitCode: 3,
        message: expect.stringContaining(sentence),
      });
      expect(scene.questions()).toHaveLength(questions);
    }),
  );

  it('is heard by the gate as that of one service', () =>
    withWebPages(
      pages,
      { index: (proper) => asksToWait(0).times(1).then(answersPrefix(pages)(proper)) },
      async (scene) => {
        await all(scene, 100);
        const paused = scene.events.flatMap((event) => (event.event === 'pause' ? [event.host] : []));
        expect(paused).toEqual(expect.arrayContaining(['wayback index', 'wayback replay']));
      },
    ));

  it('leads nowhere else', () =>
    withFakeBlog({ '/index': json([head, row(1)]) }, (elsewhere) =>
      withWebPages([], { index: redirects(`${elsewhere.url}/index`) }, async (scene) => {
        await expect(all(scene)).rejects.toMatchObject({ code: 'ERR_SOURCE' });
        expect(scene.questions()).toHaveLength(1);
        expect(elsewhere.requests).toEqual([]);
      }),
    ));
});

describe('a captured page', () => {
  const address = `${home}/post/1?a=1&b=2`;
  const captured = (more: Parameters<typeof webPage>[3]) => [
    webPage(address, '20150203040506', 'hello', more),
  ];
  const capture = {
    timestamp: '20150203040506',
    original: address,
    mimetype: 'text/html',
    statuscode: '200',
    digest: 'D',
  };

  it('comes as it was captured, with the time of that', () =>
    withWebPages(captured({}), {}, async ({ web, archive }) => {
      const replayed = await web.replay(capture);
      if ('trouble' in replayed) throw new Error(replayed.trouble);
      expect(replayed.time).toBe('2015-02-03T04:05:06.000Z');
      expect(Buffer.concat(await replayed.answer.body.toArray()).toString()).toBe('hello');
      expect(archive.requests.map(({ path }) => path)).toEqual([`/web/20150203040506id_/${address}`]);
    }));

  it('may be that of another moment, which is told', () =>
    withWebPages(captured({}), {}, async ({ web }) => {
      const replayed = await web.replay({ ...capture, timestamp: '2014' });
      if ('trouble' in replayed) throw new Error(replayed.trouble);
      replayed.answer.body.destroy();
      expect(replayed.time).toBe('2015-02-03T04:05:06.000Z');
    }));

  it.each([
    ['not held', {}, { original: `${home}/other` }, 'the web archive answers 404'],
    ['a word of the archive itself', { memento: false }, {}, 'the web archive answers 200'],
    ['a captured failure', { status: 404 }, {}, 'its capture is of a status 404'],
  ])('is none if it is %s', (_, more, other, trouble) =>
    withWebPages(captured(more), {}, async ({ web }) => {
      expect(await web.replay({ ...capture, ...other })).toEqual({ trouble });
    }),
  );

  it('is not looked for on the living web', () =>
    withFakeBlog({ '/post/1': servesHtml() }, (blog) =>
      withWebPages(captured({ behaviour: redirects(`${blog.url}/post/1`) }), {}, async ({ web, archive }) => {
        const trouble = `its capture is none: redirected to ${new URL(blog.url).host}`;
        expect(await web.replay(capture)).toEqual({ trouble });
        expect(archive.requests).toHaveLength(1);
        expect(blog.requests).toEqual([]);
      }),
    ));

  const leads = (location?: string) =>
    behaves(({ response }) => void response.writeHead(302, location === undefined ? {} : { location }).end());

  it.each([
    ['nowhere', leads(), 1, 'status 302 without a Location'],
    ['to no address', leads('http://:0:0/'), 1, 'status 302 with a Location that is no address'],
    ['round in circles', leads(`/web/20150203040506id_/${address}`), 11, 'more than 10 redirects'],
  ])('is none if it leads %s', (_, behaviour, requests, why) =>
    withWebPages(captured({ behaviour }), {}, async ({ web, archive }) => {
      expect(await web.replay(capture)).toEqual({ trouble: `its capture is none: ${why}` });
      expect(archive.requests).toHaveLength(requests);
    }),
  );

  it('may not be had because the archive does not answer, which says nothing of it', () =>
    withWebPages(
      captured({ behaviour: behaves(({ response }) => void response.destroy()) }),
      {},
      async ({ web, archive }) => {
        await expect(web.replay(capture)).rejects.toMatchObject({ code: 'ERR_SOURCE' });
        expect(archive.requests).toHaveLength(3);
      },
    ));
});
