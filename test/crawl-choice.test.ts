import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { archive } from '../src/archiving.ts';
import { type Behaviour, behaves, fails, gone, serves } from '../src/demo/behaviours.ts';
import type { GivenOptions } from '../src/options.ts';
import { recordsOf } from './helpers/archives.ts';
import { withFakeBlog } from './helpers/fake-blog.ts';
import { photo } from './helpers/media.ts';
import { withTempFolder } from './helpers/temp-folder.ts';

/** An export of posts with tags, some taken over from others; `shared` is shown by a reblog first and by an own post then. */
function exportOf(url: string) {
  const shows = (...names: string[]) => names.map((name) => ({ url: `${url}/${name}.jpg` }));
  return JSON.stringify([
    { id: 'own', tags: ['Moss', 'fern'], media: shows('own') },
    { id: 'taken', tags: ['#fern'], reblogged_from_id: '9', media: shows('taken', 'shared') },
    { id: 'both', tags: [{ name: 'heron' }], media: shows('shared') },
  ]);
}

const quiet: GivenOptions = {
  allowPrivate: true,
  rate: Number.POSITIVE_INFINITY,
  recovery: false,
  backoffBase: 1,
};
const names = ['own', 'taken', 'shared'];
const script = Object.fromEntries(names.map((name, n) => [`/${name}.jpg`, serves(photo(n))]));
const statuses = (root: string) =>
  Object.fromEntries(recordsOf(root).map(({ item, status }) => [/(\w+)\.jpg/.exec(item)![1], status]));

/** Behaves as it was told last. */
function changing(first: Behaviour) {
  let now = first;
  return {
    answers: behaves((exchange) => now.answer(exchange)),
    becomes: (next: Behaviour) => {
      now = next;
    },
  };
}

it.each<[string, GivenOptions, Record<string, string>]>([
  ['all', {}, { own: 'kept', taken: 'kept', shared: 'kept' }],
  ['posts with a tag', { tags: ['FERN'] }, { own: 'kept', taken: 'kept', shared: 'kept' }],
  [
    'posts with one of several tags',
    { tags: ['moss', 'heron'] },
    { own: 'kept', taken: 'filtered', shared: 'kept' },
  ],
  ['no reblogs', { reblog: false }, { own: 'kept', taken: 'filtered', shared: 'kept' }],
  ['reblogs alone', { onlyReblog: true }, { own: 'filtered', taken: 'kept', shared: 'kept' }],
])('of %s the media are kept, and what another post wants is wanted', (_, given, expected) =>
  withTempFolder((dir) =>
    withFakeBlog(script, async ({ url }) => {
      writeFileSync(join(dir, 'export.json'), exportOf(url));
      const root = join(dir, 'archive');
      const run = () => archive(join(dir, 'export.json'), { ...quiet, ...given, directory: root }).finished;
      expect(await run()).toMatchObject({ balanced: true, exitCode: 0, posts: 3 });
      expect(statuses(root)).toEqual(expected);
      const again = await run();
      expect(again).toMatchObject({ balanced: true, kept: 0, listed: 3 });
      expect(statuses(root)).toEqual(expected);
      if (Object.keys(given).length === 0) return;
      await archive(join(dir, 'export.json'), { ...quiet, directory: root }).finished; // now everything is
      expect(statuses(root)).toEqual({ own: 'kept', taken: 'kept', shared: 'kept' });
    }),
  ),
);

it('tries again what a wanted post shows, also where an unwanted one shows it last', () => {
  const shared = changing(gone());
  return withTempFolder((dir) =>
    withFakeBlog({ '/shared.jpg': shared.answers }, async ({ url }) => {
      const root = join(dir, 'archive');
      const shows = [{ url: `${url}/shared.jpg` }];
      const posts = [
        { id: 'own', media: shows },
        { id: 'taken', reblogged_from_id: '9', media: shows },
      ];
      writeFileSync(join(dir, 'export.json'), JSON.stringify(posts));
      const given = { ...quiet, reblog: false, refresh: true, directory: root };
      const run = () => archive(join(dir, 'export.json'), given).finished;
      await run();
      expect(statuses(root)).toEqual({ shared: 'missing' });
      shared.becomes(serves(photo(2)));
      await run();
      expect(statuses(root)).toEqual({ shared: 'kept' });
    }),
  );
});

it('goes on with what the archive knows where the source is gone, and ends with exit 3', () => {
  const [list, own] = [changing(gone()), changing(gone())];
  const script = { '/own.jpg': own.answers, '/taken.jpg': serves(photo(1)), '/blog.json': list.answers };
  return withTempFolder((dir) =>
    withFakeBlog(script, async ({ url }) => {
      list.becomes(serves(Buffer.from(exportOf(url)), { type: 'application/json' }));
      const given = { ...quiet, destination: dir, refresh: true };
      const first = await archive(`${url}/blog.json`, given).finished;
      expect(first).toMatchObject({ kept: 1, missing: 2 });
      list.becomes(gone());
      own.becomes(serves(photo(0)));
      const told: string[] = [];
      const run = archive(`${url}/blog.json`, given).on('summary', ({ kept, exitCode }) => {
        told.push(`${kept} kept, exit ${exitCode}`);
      });
      await expect(run.finished).rejects.toMatchObject({ code: 'ERR_SOURCE' });
      expect(told).toEqual(['1 kept, exit 3']);
      expect(statuses(first.path)).toMatchObject({ own: 'kept', taken: 'kept' });
      rmSync(first.path, { recursive: true });
      await expect(archive(`${url}/blog.json`, given).finished).rejects.toMatchObject({ code: 'ERR_SOURCE' });
      expect(existsSync(first.path)).toBe(false);
    }),
  );
});

it.each<[string, GivenOptions]>([
  ['a tag', { tags: ['moss'] }],
  ['reblogs alone', { onlyReblog: true }],
])('tries again what could not be had, where it is chosen by %s', (_, given) => {
  const own = changing(fails(503));
  return withTempFolder((dir) =>
    withFakeBlog({ '/own.jpg': own.answers }, async ({ url }) => {
      const root = join(dir, 'archive');
      const post = { id: 'own', tags: ['moss'], reblogged_from_id: '9', media: [{ url: `${url}/own.jpg` }] };
      writeFileSync(join(dir, 'export.json'), JSON.stringify([post]));
      const run = () => archive(join(dir, 'export.json'), { ...quiet, ...given, directory: root }).finished;
      expect(await run()).toMatchObject({ failed: 1 });
      own.becomes(serves(photo(1)));
      expect(await run()).toMatchObject({ kept: 1, filtered: 0 });
    }),
  );
});

it.each<[string, GivenOptions]>([
  ['a tag', { tags: ['moss'] }],
  ['reblogs alone', { onlyReblog: true }],
])('asks whether what is kept has changed, where it is chosen by %s', (_, given) =>
  withTempFolder((dir) =>
    withFakeBlog({ '/own.jpg': serves(photo(1)) }, async ({ url, requests }) => {
      const root = join(dir, 'archive');
      const post = { id: 'own', tags: ['moss'], reblogged_from_id: '9', media: [{ url: `${url}/own.jpg` }] };
      writeFileSync(join(dir, 'export.json'), JSON.stringify([post]));
      const options = { ...quiet, ...given, directory: root };
      await archive(join(dir, 'export.json'), options).finished;
      const before = requests.length;
      await archive(join(dir, 'export.json'), { ...options, refresh: true }).finished;
      expect(requests.length - before).toBe(1);
    }),
  ),
);
