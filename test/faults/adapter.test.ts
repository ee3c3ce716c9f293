import { existsSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { archive } from '../../src/archiving.ts';
import type { OxbowError } from '../../src/errors.ts';
import type { MediaItem, Page, Post } from '../../src/model.ts';
import type { GivenOptions } from '../../src/options.ts';
import type { Progress } from '../../src/progress.ts';
import { sources } from '../../src/sources/index.ts';
import type { Listing, ListingWay, Source, SourceContext } from '../../src/sources/source.ts';
import { answer } from '../helpers/answers.ts';
import { quick, recordsOf } from '../helpers/archives.ts';
import { photo } from '../helpers/media.ts';
import { itemOf } from '../helpers/parcels.ts';
import type { Script } from '../helpers/raw-talk.ts';
import { postLines, postOf } from '../helpers/vaults.ts';
import { atFullScale, type Case, fault } from './fault.ts';
import { unsoundness } from './sound.ts';

type Open = (context: SourceContext) => unknown;

/** How the adapter opens a target, by its name. */
const plays = new Map<string, Open>();

/** An adapter that does what a case has it do: in a process of its own, for all of that process has it. */
const toy: Source = {
  ...{ name: 'toy', takes: 'whatever a test has it take', settings: { word: 'a word' } },
  claims: (target) => target.startsWith('toy:'),
  open: (target, context) => plays.get(target)!(context) as Promise<Listing>,
};
(sources as Source[]).push(toy);

/** One run over the adapter; what it came to, or ended with. */
async function run(scene: Case, open: Open, given: GivenOptions = {}) {
  const target = `toy:${scene.folder}`;
  plays.set(target, open);
  const events: Progress[] = [];
  const report = (event: Progress) => void events.push(event);
  const options = { ...quick, directory: scene.archive, report, ...given };
  const ended = await archive(target, options).finished.then(
    (summary) => ({ summary, error: undefined }),
    (error: OxbowError) => ({ summary: undefined, error }),
  );
  const isThere = existsSync(scene.archive);
  expect(isThere ? unsoundness(scene.archive) : []).toEqual([]);
  const warnings = events.flatMap((event) => (event.event === 'warning' ? [event.message] : []));
  return { ...ended, events, warnings, records: isThere ? recordsOf(scene.archive) : [] };
}

const listingOf = (pages: (way?: ListingWay) => unknown, more: Partial<Listing> = {}): Listing => ({
  ...{ name: 'toy', trusted: [], ...more },
  pages: (_cursor, way) => pages(way) as AsyncIterable<Page>,
});

/** A server of as many pictures as are asked for, and posts that show them. */
async function pictures(scene: Case) {
  const shows: Script = (exchange) => {
    const picture = photo(Number(/\d+/.exec(exchange.path)?.[0]), 2000);
    return exchange.say(answer(200, { 'Content-Type': 'image/jpeg' }, picture));
  };
  const server = await scene.server({ '*': shows });
  const item = (n: number): MediaItem =>
    itemOf({ id: `toy:${n}`, url: `${server.url}/${n}.jpg`, post: `p${n}`, kind: 'image' });
  const post = (n: number): Post => postOf(`p${n}`, [item(n)]);
  return { server, item, post };
}

const oops = () => {
  throw new Error('out of order');
};

describe('an adapter that misbehaves', () => {
  const openings: Readonly<Record<string, Open>> = {
    'throws at once': oops,
    rejects: () => Promise.reject(new Error('out of order')),
    'rejects with a text': () => Promise.reject('out of order'),
    'gives nothing': async () => undefined,
    'gives no pages': async () => ({ name: 'x', trusted: [] }),
    'trusts nobody knows whom': async () => ({ name: 'x', pages: () => [], trusted: 7 }),
    'throws for its first page': async () => listingOf(oops, { isUnchecked: true }),
  };
  fault('G19', 'It fails before there is a page', async (scene) => {
    for (const [what, open] of Object.entries(openings)) {
      const { error } = await run(scene, open);
      expect(error, what).toMatchObject({ code: 'ERR_SOURCE', exitCode: 3 });
      expect(error!.message, what).toMatch(/source toy failed: (out of order|it gives no listing)/);
      expect(existsSync(scene.archive), what).toBe(false);
    }
    scene.injected(Object.keys(openings).join(', '));
    scene.outcome('exit 3, names the source; nothing written');
  });

  fault('G19', 'It fails between pages', async (scene) => {
    const { post } = await pictures(scene);
    const iterable = (next: () => unknown) => ({ [Symbol.asyncIterator]: () => ({ next }) });
    const endings: Readonly<Record<string, (n: number) => unknown>> = {
      'throws a text': async function* (n: number) {
        yield { posts: [post(n)] };
        throw 'out of order';
      },
      'gives neither page nor end': (n) => {
        const given = [{ done: false, value: { posts: [post(n)] } }];
        return iterable(async () => given.shift());
      },
      'gives no promise': () => iterable(() => ({ done: true })),
      'is no list': () => 7,
      'is nothing': () => undefined,
    };
    for (const [n, [what, pages]] of Object.entries(endings).entries()) {
      const { error, events } = await run(scene, async () => listingOf(() => pages(n)));
      expect(error, what).toMatchObject({ code: 'ERR_SOURCE', exitCode: 3 });
      expect(error!.message, what).toContain('source toy:');
      expect(events.at(-1), what).toMatchObject({ event: 'summary', exitCode: 3, balanced: true });
    }
    const ending = async () =>
      listingOf(
        async function* () {
          yield { posts: [post(9)] };
        },
        { close: oops as () => Promise<void> },
      );
    const { summary, warnings, records } = await run(scene, ending);
    expect(summary).toMatchObject({ exitCode: 0 });
    expect(warnings).toEqual([expect.stringContaining('source toy failed')]);
    expect(records.map(({ item, status }) => `${item} ${status}`)).toEqual(
      [0, 1, 9].map((n) => `toy:${n} kept`),
    );
    scene.injected(`${Object.keys(endings).join(', ')}, throws when closed`);
    scene.outcome('exit 3, names the source; what came is kept');
  });

  fault('G19', 'It yields junk', async (scene) => {
    const { item, post } = await pictures(scene);
    const round: Record<string, unknown> = {};
    round.itself = round;
    const trap = new Proxy({}, { ownKeys: oops });
    const without = (name: string, value: unknown) => ({ ...post(1), [name]: value });
    const media = (name: string, value: unknown) => ({ ...item(1), [name]: value });
    const pages = [null, 7, 'page', {}, [], { posts: 'none' }, { posts: { length: 3 } }];
    const posts = [
      ...[null, 7, 'post', [], {}, without('id', 7), without('id', ''), without('items', {})],
      ...[without('date', 'yesterday'), without('date', 7), without('url', 7), without('raw', round)],
      ...[without('raw', 7n), without('raw', trap), without('tags', 'moss'), without('tags', [7])],
      ...[without('passing', [null]), without('isReblog', 'no')],
    ];
    const items = [
      ...[null, 7, [], {}, media('id', ''), media('url', 7), media('kind', 'smell'), media('index', -1)],
      ...[media('alternates', null), media('date', {}), media('post', 7), media('width', '64')],
    ];
    const facts = { total: 'many', covers: { from: 'x', to: 7 }, blog: 'fern', cursor: 7n };
    const { summary, warnings, records, events } = await run(scene, async () =>
      listingOf(async function* () {
        yield* pages;
        yield { posts: [post(2), ...posts, { ...post(3), items: [...items, item(3)] }], ...facts };
        yield { posts: [post(4)] };
      }),
    );
    const junk = pages.length + posts.length + items.length + Object.keys(facts).length;
    expect(summary).toMatchObject({ exitCode: 1, kept: 3, posts: 3, unread: junk, balanced: true });
    expect(records.map((record) => record.item).sort()).toEqual(['toy:2', 'toy:3', 'toy:4']);
    expect(postLines(scene.archive).flatMap(({ line, post: id }) => (line === 'post' ? [id] : []))).toEqual([
      ...['p2', 'p3', 'p4'],
    ]);
    expect(warnings.length).toBe(21);
    expect(warnings.every((message) => message.includes('The source toy:'))).toBe(true);
    expect(events.at(-1)).toMatchObject({ event: 'summary' });
    scene.injected(`${pages.length} pages, ${posts.length} posts, ${items.length} media that are none`);
    scene.outcome('left out with warnings; the rest is kept; exit 1');
  });

  fault('G19', 'It gives all at once', async (scene) => {
    const many = atFullScale ? 100_000 : 3000; // a million take minutes
    const few = 50; // are pictures; of the others nothing is asked for
    const { item, server } = await pictures(scene);
    const crowd = Array.from(
      { length: many },
      (_, n): MediaItem => (n < few ? item(n) : { ...item(n), kind: 'video' }),
    );
    let [listed, settled, most] = [0, 0, 0];
    const report = ({ event }: Progress) => {
      if (event === 'listed') most = Math.max(most, ++listed - settled);
      if (event === 'item') settled++;
    };
    const pages = async function* () {
      yield { posts: [postOf('p', crowd)] };
    };
    const { summary } = await run(scene, async () => listingOf(pages), { report, type: ['image'] });
    expect(summary).toMatchObject({ listed: many, kept: few, filtered: many - few, balanced: true });
    expect(most, 'media in flight').toBeLessThan(1000);
    expect(server.heard).toHaveLength(few);
    scene.injected(`a post with ${many} media`, server);
    scene.outcome(`${most} in flight at most`);
  });

  fault('G19', 'It changes what it was given, and what it gave', async (scene) => {
    const { server, post } = await pictures(scene);
    const settings = { 'sources.toy.word': 'moss' };
    const seen: unknown[] = [];
    const open = async (context: SourceContext) => {
      seen.push({ ...context.settings });
      (context.settings as Record<string, string>)['sources.toy.word'] = 'changed';
      return listingOf(async function* (way) {
        seen.push(JSON.stringify(way!.covered));
        for (const one of way!.covered) Object.assign(one, { from: -7, to: 7e15 });
        (way!.covered as unknown[]).length = 0;
        const posts = Array.from({ length: 30 }, (_, n) => post(n));
        yield { posts, covers: { from: 0, to: 10 } };
        for (const one of posts) {
          Object.assign(one.items[0]!, { id: 'toy:changed', url: `${server.url}/666.jpg`, post: null });
          Object.assign(one, { id: 'changed', raw: 'changed' });
        }
        posts.length = 0;
      });
    };
    const { summary, records } = await run(scene, open, { settings, perHost: 1 });
    expect(summary).toMatchObject({ kept: 30, exitCode: 0 });
    expect(new Set(records.map(({ url }) => url)).size).toBe(30);
    expect(server.to('/666.jpg')).toEqual([]);
    const again = await run(scene, open, { settings });
    expect(again.summary).toMatchObject({ recalled: 30, newPosts: 0, exitCode: 0 });
    expect(seen).toEqual([settings, '[]', settings, '[{"from":0,"to":10}]']);
    const third = await run(scene, open, { settings });
    expect(third.summary).toMatchObject({ recalled: 30, newPosts: 0 });
    expect(seen.slice(-1)).toEqual(['[{"from":0,"to":10}]']);
    expect(scene.filesWith('changed')).toEqual([]);
    scene.injected('settings, intervals, posts and media were changed', server);
    scene.outcome('nothing of it reaches the archive');
  });
});
