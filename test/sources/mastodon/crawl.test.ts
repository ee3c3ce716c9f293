import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { archive } from '../../../src/archiving.ts';
import type { GivenOptions } from '../../../src/options.ts';
import { quick, recordsOf } from '../../helpers/archives.ts';
import { withTempFolder } from '../../helpers/temp-folder.ts';
import { type FakeMastodon, statusAt, statuses, withFake } from './fake.ts';

const run = ({ url }: FakeMastodon, directory: string, given: GivenOptions = {}) =>
  archive(`${url}/@fern`, { ...quick, directory, ...given }).finished;

/** Every byte of an archive, the work folder in it too. */
const bytesOf = (root: string): string =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('');

it('archives an account that it knows by a look; a second run asks for one page, a third takes what is new', () =>
  withTempFolder((dir) =>
    withFake(statuses(50), async (fake) => {
      const root = join(dir, 'fern');
      const time = Date.UTC(2024, 4, 6) + 50 * 60_000;
      const [newest] = fake.posts;
      const boost = statusAt(`${BigInt(time) << 16n}`, time, 0, { reblog: newest, media_attachments: [] });
      fake.posts = [boost, ...fake.posts];
      expect(await run(fake, root)).toMatchObject({ kept: 50, newPosts: 51, exitCode: 0, balanced: true });
      expect(recordsOf(root).every(({ item }) => item.startsWith('mastodon:127.0.0.1'))).toBe(true);
      const calls = fake.lists.length;
      fake.posts = fake.posts.map((post) => ({
        ...post,
        favourites_count: 99,
        account: { followers_count: 5 },
      }));
      expect(await run(fake, root)).toMatchObject({ kept: 0, newPosts: 0, editedPosts: 0, exitCode: 0 });
      expect(fake.lists.length - calls).toBe(1);
      fake.posts = [...statuses(3, { from: 200 }), ...fake.posts];
      expect(await run(fake, root)).toMatchObject({ kept: 3, newPosts: 3, gonePosts: 0, exitCode: 0 });
      expect(fake.lists.length - calls).toBe(2);
    }),
  ));

it('goes on after a failure in the middle of the listing, and leaves no hole', () =>
  withTempFolder((dir) =>
    withFake(statuses(120), async (fake) => {
      const root = join(dir, 'fern');
      fake.mood = (path) =>
        path.endsWith('/statuses') && fake.lists.length > 2
          ? (due) => ({ ...due, body: '<html>' })
          : undefined;
      await expect(run(fake, root)).rejects.toThrow('is not JSON');
      fake.mood = () => undefined;
      fake.posts = [...statuses(20, { from: 120 }), ...fake.posts];
      const calls = fake.lists.length;
      expect(await run(fake, root)).toMatchObject({ newPosts: 60, exitCode: 0 });
      expect(fake.lists.length - calls).toBeLessThanOrEqual(7);
    }),
  ));

it('lists by cursors where ids tell nothing, and a second run knows where to stop', () =>
  withTempFolder((dir) =>
    withFake(statuses(60, { idOf: (_, nth = 0) => `x${10_000 + nth}` }), async (fake) => {
      const root = join(dir, 'fern');
      expect(await run(fake, root)).toMatchObject({ kept: 60, newPosts: 60, exitCode: 0 });
      const calls = fake.lists.length;
      fake.posts = [...statuses(2, { from: 60, idOf: (_, nth = 0) => `x${10_000 + nth}` }), ...fake.posts];
      expect(await run(fake, root)).toMatchObject({ kept: 2, newPosts: 2, exitCode: 0 });
      expect(fake.lists.length - calls).toBeLessThanOrEqual(2);
    }),
  ));

it('takes an account without posts for what it is, and its first posts as they come', () =>
  withTempFolder((dir) =>
    withFake([], async (fake) => {
      const root = join(dir, 'fern');
      expect(await run(fake, root)).toMatchObject({ posts: 0, listed: 0, exitCode: 0, balanced: true });
      fake.posts = statuses(45);
      expect(await run(fake, root)).toMatchObject({ kept: 45, newPosts: 45, exitCode: 0 });
      expect(await run(fake, root)).toMatchObject({ kept: 0, newPosts: 0, gonePosts: 0, exitCode: 0 });
    }),
  ));

it('writes the token nowhere', () =>
  withTempFolder((dir) =>
    withFake(statuses(5), async (fake) => {
      const root = join(dir, 'fern');
      const settings = {
        'sources.mastodon.api': fake.url,
        'sources.mastodon.token': `${new URL(fake.url).host}=CANARY-token`,
      };
      expect(await run(fake, root, { settings })).toMatchObject({ kept: 5, exitCode: 0 });
      const asked = fake.requests.filter(({ path }) => path.startsWith('/api/') && !path.includes('lookup'));
      expect(asked.every(({ headers }) => headers.authorization === 'Bearer CANARY-token')).toBe(true);
      const media = fake.requests.filter(({ path }) => path.startsWith('/media_attachments/'));
      expect(media.map(({ headers }) => headers.authorization)).toEqual(media.map(() => undefined));
      expect(bytesOf(root)).not.toContain('CANARY');
    }),
  ));

it('has what only a token, or a setting, brings to light, also where all else was listed before', () =>
  withTempFolder((dir) =>
    withFake(statuses(90), async (fake) => {
      const root = join(dir, 'fern');
      const moods = new Map([
        [70, 'private'],
        [80, 'direct'],
      ]);
      fake.posts = fake.posts.map((post, n) => ({ ...post, visibility: moods.get(n) ?? 'public' }));
      fake.mood = () => {
        const isKeyed = fake.requests.at(-1)!.headers.authorization !== undefined;
        fake.isHidden = ({ visibility }) => !isKeyed && visibility !== 'public';
        return (due) =>
          Array.isArray(due.body) ? { ...due, body: due.body.filter((one) => !fake.isHidden(one)) } : due;
      };
      const api = { 'sources.mastodon.api': fake.url };
      const token = { ...api, 'sources.mastodon.token': `${new URL(fake.url).host}=secret` };
      const direct = { ...token, 'sources.mastodon.direct': 'true' };
      expect(await run(fake, root, { settings: api })).toMatchObject({ newPosts: 88 });
      expect(await run(fake, root, { settings: token })).toMatchObject({ newPosts: 1, editedPosts: 0 });
      expect(await run(fake, root, { settings: direct })).toMatchObject({ newPosts: 1, editedPosts: 0 });
      expect(await run(fake, root, { settings: api, full: true })).toMatchObject({
        newPosts: 0,
        gonePosts: 0,
      });
    }),
  ));
