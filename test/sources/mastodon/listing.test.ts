import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { united } from '../../../src/intervals.ts';
import type { Order } from '../../../src/model.ts';
import { schemeOf } from '../../../src/sources/mastodon/ids.ts';
import { mastodon } from '../../../src/sources/mastodon/mastodon.ts';
import { testContext } from '../../helpers/source-suite.ts';
import { alwaysFirst, idAt, idsOf, isList, listFake, statusAt, statuses, withFake } from './fake.ts';

const orders: readonly Order[] = ['newest', 'oldest'];

describe.each(orders)('an account from the %s on', (order) => {
  const way = { order };
  const inOrder = (ids: readonly string[]) => (order === 'newest' ? ids : [...ids].reverse());

  it('has every post of the server, in its order, in as many calls as there are pages', () =>
    withFake(statuses(237), async (fake) => {
      const { ids, pages, warnings, error, left } = await listFake(fake, { way });
      expect({ warnings, error, left }).toEqual({ warnings: [], error: undefined, left: [] });
      expect(ids).toEqual(inOrder(idsOf(fake.posts)));
      expect(united(pages.flatMap(({ covers }) => covers ?? []))).toEqual([
        { from: null, to: expect.any(Number) },
      ]);
      expect(fake.lists.length).toBeLessThanOrEqual(order === 'newest' ? 8 : 10);
    }));

  it('takes no short page for the end, nor one without a post that leads on', () =>
    withFake(statuses(200), async (fake) => {
      fake.isHidden = ({ id }) => {
        const nth = fake.posts.findIndex((post) => post.id === id);
        return nth % 3 === 0 || (nth >= 80 && nth < 130);
      };
      const { ids, error, left } = await listFake(fake, { way });
      expect({ error, left }).toEqual({ error: undefined, left: [] });
      expect(ids).toEqual(inOrder(idsOf(fake.posts.filter((post) => !fake.isHidden(post)))));
    }));

  it('goes on where an interrupted listing has ended, without a hole, also behind what is new', () =>
    withFake(statuses(300), async (fake) => {
      const whole = await listFake(fake, { way });
      const covered = united(whole.pages.slice(0, 3).flatMap(({ covers }) => covers ?? []));
      const before = whole.pages.slice(0, 3).flatMap(({ posts }) => idsOf(posts));
      fake.posts = [...statuses(50, { from: 300 }), ...fake.posts];
      const calls = fake.lists.length;
      const rest = await listFake(fake, { way: { ...way, covered } });
      expect(new Set([...before, ...rest.ids])).toEqual(new Set(idsOf(fake.posts)));
      expect(fake.lists.length - calls).toBeLessThanOrEqual(11);
      expect(united([...covered, ...rest.pages.flatMap(({ covers }) => covers ?? [])])).toHaveLength(1);
    }));

  it('asks hardly anything where all is covered', () =>
    withFake(statuses(300), async (fake) => {
      const { pages } = await listFake(fake, { way });
      const covered = united(pages.flatMap(({ covers }) => covers ?? []));
      const calls = fake.lists.length;
      await listFake(fake, { way: { ...way, covered } });
      expect(fake.lists.length - calls).toBeLessThanOrEqual(order === 'newest' ? 1 : 4);
    }));

  it('has all of one moment, however many they are', () =>
    withFake(
      Array.from({ length: 130 }, (_, n) =>
        statusAt(idAt(Date.UTC(2024, 4, 6), 130 - n), Date.UTC(2024, 4, 6), n),
      ),
      async (fake) => {
        const { ids, error, left } = await listFake(fake, { way });
        expect({ error, left }).toEqual({ error: undefined, left: [] });
        expect(ids).toEqual(inOrder(idsOf(fake.posts)));
      },
    ));

  it('asks for the time that is wanted alone', () =>
    withFake(statuses(2000), async (fake) => {
      const date = (nth: number) => new Date(Date.UTC(2024, 4, 6) + nth * 60_000).toISOString();
      const { ids } = await listFake(fake, { way: { ...way, after: date(1000), before: date(1100) } });
      expect(ids).toEqual(expect.arrayContaining(idsOf(fake.posts.slice(900, 1000))));
      expect(fake.lists.length).toBeLessThanOrEqual(7);
    }));
});

it('has them in order also where the server puts the oldest first when it goes forwards', () =>
  withFake(statuses(100), async (fake) => {
    fake.mood = (path) =>
      isList(path)
        ? (due, query) =>
            query.has('min_id') ? { ...due, body: [...(due.body as object[])].reverse() } : due
        : undefined;
    const { ids } = await listFake(fake, { way: { order: 'oldest' } });
    expect([...ids].reverse()).toEqual(idsOf(fake.posts));
  }));

const flakes = schemeOf([{ id: 'AhbgtqTWfFwRLSNiMD', date: '2024-05-06T07:08:09.000Z' }])!;

it.each([
  ['Mastodon', idAt],
  ['flake', flakes.behind],
])('lists posts from before ids of the kind %s held the time behind those from afterwards', (_, idOf) =>
  withFake(
    [
      ...statuses(60, { idOf }),
      ...Array.from({ length: 90 }, (_, n) => statusAt(String(9000 - n), Date.UTC(2017, 1, 1), n)),
    ],
    async (fake) => {
      const { ids, error, left } = await listFake(fake);
      expect({ error, left }).toEqual({ error: undefined, left: [] });
      expect(ids).toEqual(idsOf(fake.posts));
      const oldest = await listFake(fake, { way: { order: 'oldest' } });
      expect([...oldest.ids].reverse()).toEqual(idsOf(fake.posts));
      for (const order of orders) {
        const way = { order, after: '2017-01-01T00:00:00Z', before: '2017-06-01T00:00:00Z' };
        const early = await listFake(fake, { way });
        expect(early.ids).toEqual(expect.arrayContaining(idsOf(fake.posts.slice(60))));
      }
    },
  ),
);

describe('a server whose ids tell nothing', () => {
  const plain = (count: number, from = 0) =>
    statuses(count, { from, idOf: (_, nth = 0) => `x${10_000 + nth}` });

  it('is listed by cursors, and goes on behind any of them', () =>
    withFake(plain(130), async (fake) => {
      const { ids, pages } = await listFake(fake);
      expect(ids).toEqual(idsOf(fake.posts));
      expect(pages.some(({ covers }) => covers)).toBe(false);
      const rest = await listFake(fake, { cursor: pages[1]!.cursor });
      expect(rest.ids).toEqual(idsOf(fake.posts.slice(80)));
      expect(pages.at(-1)!.cursor).toBeNull();
    }));

  it('is left where all of a page is held, and all was listed before', () =>
    withFake(plain(200), async (fake) => {
      const held = new Set(idsOf(fake.posts));
      fake.posts = [...plain(5, 200), ...fake.posts];
      const way = { wasWhole: true, isHeld: async (id: string) => held.has(id) };
      const { ids } = await listFake(fake, { way });
      expect(ids).toEqual(idsOf(fake.posts.slice(0, 80)));
      expect(fake.lists).toHaveLength(2);
    }));

  it('is left, and said to be so, where it ignores from where it is to go on', () =>
    withFake(plain(200), async (fake) => {
      const { pages, left } = await listFake({
        ...fake,
        ...{ lists: fake.lists },
      });
      expect({ pages: pages.length, left }).toEqual({ pages: 6, left: [] });
      fake.mood = (path) => (isList(path) ? alwaysFirst(fake.posts) : undefined);
      const again = await listFake(fake);
      expect(again.pages).toHaveLength(2);
      expect(again.left).toEqual([expect.stringContaining('shows the same posts again')]);
    }));

  it('is left where all of a page is older than wanted', () =>
    withFake(plain(400), async (fake) => {
      const after = fake.posts[50]!.created_at as string;
      const { ids } = await listFake(fake, { way: { after } });
      expect(ids).toEqual(idsOf(fake.posts.slice(0, 120)));
      expect(fake.lists).toHaveLength(3);
    }));

  it('refuses to list from the oldest on', () =>
    withFake(plain(3), async (fake) => {
      const { error } = await listFake(fake, { way: { order: 'oldest' } });
      expect(error).toBeInstanceOf(UsageError);
    }));
});

it('leaves direct messages out, and says how many, unless they are wanted', () =>
  withFake(statuses(50), async (fake) => {
    fake.posts = fake.posts.map((post, n) => (n % 10 === 0 ? { ...post, visibility: 'direct' } : post));
    const { ids, warnings } = await listFake(fake);
    expect(ids).toHaveLength(45);
    expect(warnings).toEqual([expect.stringContaining('5 direct messages left out')]);
    expect((await listFake(fake, { settings: { direct: 'true' } })).ids).toHaveLength(50);
  }));

it('opens one post of the account, and is recognised by what its server says of the address', () =>
  withFake(statuses(3), async (fake) => {
    const { id } = fake.posts[1]!;
    expect((await listFake(fake, { target: `mastodon:${fake.url}/@fern/${id}` })).ids).toEqual([id]);
    const context = testContext();
    const sight = { target: `${fake.url}/@fern`, url: `${fake.url}/@fern`, status: 200, type: 'text/html' };
    const more = { headers: {}, start: '', generator: undefined, links: [] };
    expect(await mastodon.recognises!({ ...sight, ...more }, context)).toEqual({
      why: 'its server knows the account, by the API of Mastodon',
      target: `mastodon:${fake.url}/@fern`,
    });
    const other = { ...sight, ...more, url: `${fake.url}/@nobody` };
    expect(await mastodon.recognises!(other, context)).toBeUndefined();
    expect(
      await mastodon.recognises!({ ...other, url: `${fake.url}/2024/05/moss`, target: fake.url }, context),
    ).toBeUndefined();
    expect(context.asked).toHaveLength(2);
  }));

it('takes a film that was made of a picture elsewhere for that picture, and the film for a lesser copy of it', () =>
  withFake(statuses(1), async (fake) => {
    const [film, gif] = ['https://m.example/1.mp4', 'https://else.example/1.gif'];
    const media_attachments = [
      { id: '1', type: 'gifv', url: film, remote_url: gif },
      { id: '2', type: 'gifv', url: film, remote_url: null },
    ];
    fake.posts = fake.posts.map((post) => ({ ...post, media_attachments }));
    const { pages } = await listFake(fake);
    expect(pages.flatMap(({ posts }) => posts)[0]!.items).toMatchObject([
      { kind: 'image', url: gif, lesser: [film] },
      { kind: 'video', url: film },
    ]);
  }));

it('names what it left out of a post with more attachments than anybody can have', () =>
  withFake(statuses(1), async (fake) => {
    const many = Array.from({ length: 10_500 }, (_, n) => ({
      id: `${n + 1}`,
      type: 'image',
      url: `/m/${n}.png`,
    }));
    fake.posts = fake.posts.map((post) => ({ ...post, media_attachments: many }));
    const { pages } = await listFake(fake);
    const [post] = pages.flatMap(({ posts }) => posts);
    expect(post!.items).toHaveLength(10_000);
    expect(post!.unknown).toEqual(['attachments beyond 10,000']);
  }));
