import { cp, mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { packTar } from 'modern-tar';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { archive } from '../../../src/archiving.ts';
import { SourceError } from '../../../src/errors.ts';
import type { GivenOptions } from '../../../src/options.ts';
import { claimed } from '../../../src/sources/choose.ts';
import { sources } from '../../../src/sources/index.ts';
import { mastodon } from '../../../src/sources/mastodon/mastodon.ts';
import { quick, recordsOf } from '../../helpers/archives.ts';
import { openFiles, postsOf, testContext } from '../../helpers/source-suite.ts';
import { withTempFolder } from '../../helpers/temp-folder.ts';
import { zipOf } from '../../helpers/zip-file.ts';
import { statuses, withFake } from './fake.ts';

const input = 'fixtures/mastodon/archive/input';
afterEach(() => vi.unstubAllEnvs());

/** Media first, as servers pack it. */
async function packed(under = ''): Promise<{ name: string; body: Buffer }[]> {
  const entries = await readdir(input, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const order = (file: string) => (file.includes('media_attachments') ? 0 : 1);
  files.sort((a, b) => order(a) - order(b) || (a < b ? -1 : 1));
  return Promise.all(
    files.map(async (file) => ({ name: under + relative(input, file), body: await readFile(file) })),
  );
}

const tarOf = (files: readonly { name: string; body: Buffer }[]): Promise<Uint8Array> =>
  packTar(
    files.map(({ name, body }) => ({ header: { name, size: body.length }, body: new Uint8Array(body) })),
  );

async function written(dir: string, files: Readonly<Record<string, string>>): Promise<string> {
  await mkdir(dir, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text);
  return dir;
}

async function allOf(target: string, settings: Readonly<Record<string, string>> = {}) {
  const context = testContext({ settings });
  const listing = await mastodon.open(target, context);
  const posts = await postsOf(listing);
  const bytes: Record<string, number | undefined> = {};
  for (const { url } of posts.flatMap(({ items }) => items)) {
    const opened = url.startsWith('export:') ? await listing.files!.open(url) : undefined;
    let size = 0;
    for await (const chunk of opened?.body ?? []) size += (chunk as Uint8Array).length;
    bytes[url] = opened && size;
  }
  await listing.close?.();
  return { name: listing.name, posts, bytes, warnings: context.warnings };
}

describe('the archive of an account', () => {
  it('is the same as a folder, a zip, a tar and a compressed tar, also with a folder around it', async () => {
    const expected = await allOf(input);
    expect(Object.values(expected.bytes).filter((size) => size !== undefined)).toHaveLength(3);
    await withTempFolder(async (dir) => {
      vi.stubEnv('TMPDIR', dir);
      const files = {
        'plain.zip': zipOf(await packed()),
        'around.zip': zipOf(await packed('fern/')),
        'plain.tar': await tarOf(await packed()),
        'packed.tgz': gzipSync(await tarOf(await packed())),
        'archive-20240506070809-0123456789abcdef0123456789abcdef.tar.gz': gzipSync(
          await tarOf(await packed('./')),
        ),
      };
      for (const [name, bytes] of Object.entries(files)) {
        const target = join(dir, name);
        await writeFile(target, bytes);
        expect(claimed(target, sources, null)?.source.name, name).toBe('mastodon');
        expect(await allOf(target), name).toEqual(expected);
        expect(openFiles().filter((file) => file.startsWith(dir))).toEqual([]);
      }
      await cp(input, join(dir, 'unpacked', 'fern'), { recursive: true });
      expect(claimed(join(dir, 'unpacked'), sources, null)?.source.name).toBe('mastodon');
      expect(await allOf(join(dir, 'unpacked'))).toEqual(expected);
      expect((await readdir(dir)).filter((name) => name.startsWith('oxbow-export-'))).toEqual([]);
    });
  });

  it('has direct messages where they are wanted, and no pictures of the account where they are not', async () => {
    const settings = { 'sources.mastodon.direct': 'true', 'sources.mastodon.profile': 'false' };
    const { posts, warnings } = await allOf(input, settings);
    expect(posts.map(({ id }) => id)).toEqual(['1001', '1002', '1003', '1004', '1005', '1006']);
    expect(warnings).toHaveLength(2);
  });

  it('says of boosts and of tags what they are', async () => {
    const { posts } = await allOf(input);
    const [, first, , boost] = posts;
    expect(first).toMatchObject({ tags: ['Moss'], isReblog: false });
    expect(boost).toMatchObject({ id: '1003', isReblog: true, items: [] });
  });

  it('gives the posts before the place where its outbox was cut, and then says so', () =>
    withTempFolder(async (dir) => {
      const outbox = await readFile(join(input, 'outbox.json'), 'utf8');
      const cut = outbox.slice(
        0,
        outbox.indexOf('"1004') > 0 ? outbox.indexOf('"1004') : outbox.indexOf('statuses/1004'),
      );
      await written(dir, { 'outbox.json': cut, 'actor.json': '{"broken' });
      const context = testContext();
      const listing = await mastodon.open(dir, context);
      const ids: string[] = [];
      const read = async () => {
        for await (const { posts } of listing.pages(undefined)) ids.push(...posts.map(({ id }) => id));
      };
      await expect(read()).rejects.toThrow(/ends in the middle, after 3 whole posts/);
      expect(ids).toEqual(['1001', '1002', '1003']);
      expect(context.warnings).toEqual([expect.stringContaining('actor.json cannot be read')]);
      await listing.close?.();
    }));

  it.each([
    ['another list', '{"items":[]}'],
    ['no JSON', '<html>'],
    ['nothing', ''],
    ['nesting without end', '{"orderedItems":[{"id":'.padEnd(200_000, '[')],
  ])('is refused where its outbox has %s', (_, text) =>
    withTempFolder(async (dir) => {
      const listing = await mastodon.open(
        await written(dir, { 'outbox.json': text, 'actor.json': '{}' }),
        testContext(),
      );
      await expect(postsOf(listing)).rejects.toThrow(SourceError);
      await listing.close?.();
    }),
  );

  it('is refused where there is no outbox, or nothing at all', () =>
    withTempFolder(async (dir) => {
      await written(dir, { 'actor.json': '{}' });
      await expect(mastodon.open(`mastodon:${dir}`, testContext())).rejects.toThrow(
        'There is no outbox.json',
      );
      await expect(mastodon.open(`mastodon:${dir}/none.tar.gz`, testContext())).rejects.toThrow(
        'There is nothing at',
      );
    }));

  it('is not unpacked to where there is no room for it', () =>
    withTempFolder(async (dir) => {
      vi.stubEnv('TMPDIR', dir);
      const file = join(dir, 'packed.tar.gz');
      await writeFile(file, gzipSync('a tar'));
      await truncate(file, 2 ** 43); // without a block on the disk
      await expect(mastodon.open(`mastodon:${file}`, testContext())).rejects.toThrow(
        'there is no room for it',
      );
      expect(await readdir(dir)).toEqual(['packed.tar.gz']);
    }));

  it('reads what it can where every field is of a wrong type, one at a time', () =>
    withTempFolder(async (dir) => {
      const { orderedItems } = JSON.parse(await readFile(join(input, 'outbox.json'), 'utf8'));
      const good = orderedItems[1];
      const wrong = [null, [], 7, {}, 'x', true, [null, [[]]], 1e300];
      let n = 0;
      const numbered = (value: object) => ({
        ...value,
        id: `https://m.example/users/fern/statuses/${2000 + n++}/activity`,
      });
      const items = wrong.flatMap((value) => [
        ...Object.keys(good).map((field) => ({ ...numbered(good), [field]: value })),
        ...Object.keys(good.object).map((field) =>
          numbered({
            ...good,
            object: {
              ...good.object,
              id: `https://m.example/users/fern/statuses/${9000 + n}`,
              [field]: value,
            },
          }),
        ),
        ...Object.keys(good.object.attachment[0]).map((field) =>
          numbered({
            ...good,
            object: {
              ...good.object,
              id: `https://m.example/users/fern/statuses/${9000 + n}`,
              attachment: [{ ...good.object.attachment[0], [field]: value }],
            },
          }),
        ),
      ]);
      await written(dir, {
        'outbox.json': JSON.stringify({ orderedItems: items }),
        'actor.json': '{"id":7,"icon":[]}',
      });
      const { posts } = await allOf(dir);
      expect(posts.length).toBeGreaterThan(items.length / 2);
    }));

  it('is archived with its media; what lacks is missing, and a second run takes nothing anew', () =>
    withTempFolder(async (dir) => {
      const directory = join(dir, 'kept');
      const given: GivenOptions = { ...quick, directory, type: ['image', 'video'] };
      const summary = await archive(input, given).finished;
      expect(summary).toMatchObject({ kept: 2, duplicate: 1, missing: 2, balanced: true, posts: 6 });
      const kept = recordsOf(directory).filter(({ status }) => status === 'kept');
      expect(new Set(kept.map(({ origin }) => origin))).toEqual(new Set(['adopted', 'duplicate']));
      const again = await archive(input, given).finished;
      expect(again).toMatchObject({ kept: 0, recalled: 3, newPosts: 0, editedPosts: 0 });
    }));
});

it('shares an archive with the account, which has what lacks, and whose posts are the same', () =>
  withTempFolder((dir) =>
    withFake(statuses(2), async (fake) => {
      const host = new URL(fake.url).host;
      const uriOf = (id: string) => `http://${host}/users/fern/statuses/${id}`;
      const paths = fake.posts.map(
        (_, n) => `/media_attachments/files/000/000/00${n + 1}/original/${n}.jpeg`,
      );
      fake.posts = fake.posts.map((post, n) => ({
        ...post,
        uri: uriOf(post.id),
        media_attachments: [{ id: `${n + 1}`, type: 'image', url: paths[n], remote_url: null }],
      }));
      const orderedItems = fake.posts.map(({ id, created_at: published }, n) => ({
        ...{ id: `${uriOf(id)}/activity`, type: 'Create', to: ['as:Public'], published },
        object: { id: uriOf(id), type: 'Note', published, attachment: [{ type: 'Image', url: paths[n] }] },
      }));
      const target = await written(join(dir, 'export'), {
        'outbox.json': JSON.stringify({ orderedItems }),
        'actor.json': JSON.stringify({ id: `http://${host}/users/fern`, preferredUsername: 'fern' }),
      });
      const given: GivenOptions = { ...quick, directory: join(dir, 'kept') };
      expect(await archive(target, given).finished).toMatchObject({ missing: 2, newPosts: 2 });
      const all = { kept: 2, newPosts: 0, editedPosts: 0, exitCode: 0 };
      expect(await archive(`${fake.url}/@fern`, given).finished).toMatchObject(all);
      expect(await archive(target, given).finished).toMatchObject({ recalled: 2, editedPosts: 0 });
    }),
  ));
