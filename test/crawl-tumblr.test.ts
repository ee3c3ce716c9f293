import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { archive } from '../src/archiving.ts';
import { behaves, serves } from '../src/demo/behaviours.ts';
import type { GivenOptions } from '../src/options.ts';
import type { Progress } from '../src/progress.ts';
import { quick, recordsOf } from './helpers/archives.ts';
import { oxbow } from './helpers/cli.ts';
import { withFakeBlog } from './helpers/fake-blog.ts';
import { dashboardOnly, type FakeTumblr, told, withFakeTumblr } from './helpers/fake-tumblr.ts';
import { photo } from './helpers/media.ts';
import { latch } from './helpers/parcels.ts';
import { withTempFolder } from './helpers/temp-folder.ts';
import { postsFrom, wordsFor } from './helpers/tumblr-run.ts';
import { postLines } from './helpers/vaults.ts';

/** One run over the stand-in; what it came to, or what it ended with. */
async function run({ api, key }: FakeTumblr, directory: string, given: GivenOptions = {}) {
  const events: Progress[] = [];
  const settings = { 'sources.tumblr.api': api, 'sources.tumblr.key': key };
  const report = (event: Progress) => void events.push(event);
  const running = archive('tumblr:fern', { ...quick, settings, report, directory, ...given });
  const ended = await running.finished.then(
    (summary) => ({ summary, error: undefined }),
    (error: Error & { code: string }) => ({ summary: undefined, error }),
  );
  return { ...ended, events };
}

/** Every byte of an archive, the work folder and the ledger in it too. */
const bytesOf = (root: string): string =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('');

const key = '0123456789abcdef0123456789abcdef/fedcba9876543210-1a';
const at = (size: string) => `/${key}/${size}/9f8e7d6c5b4a39281706f5e4d3c2b1a0.jpg`;
const original = `/${key}/s3000x4000/aaaabbbbccccdddd.jpg`;
const full = photo(2, 9000);

/** A picture in its reduced size, its page, and the original that the page names. */
const pictures = {
  [at('s2048x3072')]: serves(photo(1)),
  [original]: serves(full),
  [at('s99999x99999')]: behaves(({ request, response }) => {
    const image = { mediaKey: key.replace('/', ':'), type: 'image/jpeg', width: 3000, height: 4000 };
    const url = `http://${request.headers.host}${original}`;
    const state = {
      ImageUrlPage: { photo: { imageResponse: [{ ...image, url, hasOriginalDimensions: true }] } },
    };
    response
      .writeHead(200, { 'content-type': 'text/html' })
      .end(`<script id="___INITIAL_STATE___">${JSON.stringify(state)}</script>`);
  }),
};

describe('an archive of a blog on Tumblr', () => {
  it('holds its media; a second run asks for one page, and the key stands nowhere (X07)', () =>
    withTempFolder(async (dir) => {
      await withFakeTumblr(
        postsFrom(0, 60),
        async (tumblr) => {
          const root = join(dir, 'fern');
          const first = await run(tumblr, root);
          expect(first.summary).toMatchObject({
            kept: 60,
            newPosts: 60,
            postsStated: 60,
            postsHeld: 60,
            exitCode: 0,
          });
          const calls = tumblr.calls.length;
          const second = await run(tumblr, root);
          expect(second.summary).toMatchObject({ kept: 0, recalled: 50, newPosts: 0, exitCode: 0 });
          expect(tumblr.calls.length - calls).toBe(1);
          expect(JSON.stringify([first.events, second.events])).not.toContain('CANARY');
          expect(bytesOf(root)).not.toContain('CANARY');
        },
        { key: 'CANARY-key' },
      );
    }));

  it('takes what an edit has brought, and knows a post that only has more notes for the same', () =>
    withTempFolder(async (dir) => {
      const [first, second] = postsFrom(0, 2);
      await withFakeTumblr([first!, second!], async (tumblr) => {
        const root = join(dir, 'fern');
        await run(tumblr, root);
        const picture = (n: number) => ({ url: `${tumblr.url}/media/${n}.jpg`, width: 64, height: 64 });
        tumblr.remove(first!.id, second!.id);
        tumblr.add(
          { ...first!, fields: { note_count: 17, blog: { name: 'fern', posts: 99 } } },
          {
            ...second!,
            fields: { content: [{ type: 'image', media: [picture(901)] }, { type: 'hologram' }] },
          },
        );
        const { summary } = await run(tumblr, root, { full: true });
        expect(summary).toMatchObject({ editedPosts: 1, newPosts: 0, kept: 1, notUnderstood: 1 });
        expect(postLines(root).filter(({ post }) => post === first!.id)).toHaveLength(1);
        expect(postLines(root).filter(({ post }) => post === second!.id)).toHaveLength(2);
      });
    }));

  it('has the original of what is shown reduced, which the page of the picture names', () =>
    withTempFolder((dir) =>
      withFakeBlog(pictures, async ({ url, requests }) => {
        const shown = { url: url + at('s2048x3072'), width: 2048, height: 1536, type: 'image/jpeg' };
        const post = { ...postsFrom(0, 1)[0]!, fields: { content: [{ type: 'image', media: [shown] }] } };
        await withFakeTumblr([post], async (tumblr) => {
          const root = join(dir, 'fern');
          expect((await run(tumblr, root)).summary).toMatchObject({ kept: 1, missing: 0 });
          expect(requests.map(({ path }) => path)).toEqual([at('s99999x99999'), original]);
          const [record] = recordsOf(root);
          expect(record).toMatchObject({
            item: `tumblr:${key.replace('/', ':')}`,
            origin: 'live',
            from: url + original,
          });
          await run(tumblr, root);
          expect(requests).toHaveLength(2);
        });
      }),
    ));
});

describe('a blog that cannot be listed', () => {
  it.each([
    ['is not there', () => told(404, 'Not Found'), 'ERR_SOURCE', /gone or has been renamed/],
    ['is for the dashboard alone', dashboardOnly, 'ERR_AUTH', /within the dashboard/],
    ['refuses the key', () => told(401, 'Unauthorized'), 'ERR_AUTH', /oxbow auth tumblr/],
  ])('%s: nothing is written, and it is said what can be done', (_, reply, code, words) =>
    withTempFolder((dir) =>
      withFakeTumblr(postsFrom(0, 3), async (tumblr) => {
        tumblr.trouble = () => reply;
        const root = join(dir, 'fern');
        const { error } = await run(tumblr, root);
        expect(error).toMatchObject({ code });
        expect(error!.message).toMatch(words);
        expect(error!.message).not.toContain(tumblr.key);
        expect(tumblr.calls.length).toBeLessThanOrEqual(2);
        expect(existsSync(root)).toBe(false);
      }),
    ),
  );

  it('under its old name is known by its id, and what is held stays', () =>
    withTempFolder((dir) =>
      withFakeTumblr(postsFrom(0, 3), async (tumblr) => {
        const root = join(dir, 'fern');
        await run(tumblr, root);
        tumblr.trouble = (_, { what }) =>
          what === 'info'
            ? () => told(200, 'OK', { response: { blog: { name: 'moss', uuid: 't:fern' } } })
            : () => told(404, 'Not Found');
        const { error, events } = await run(tumblr, root);
        expect(error).toMatchObject({ code: 'ERR_SOURCE' });
        expect(error!.message).toContain("it is called 'moss' now");
        expect(events.at(-1)).toMatchObject({ event: 'summary', exitCode: 3, balanced: true });
      }),
    ));
});

it('goes on where it stopped, however the blog is named', () =>
  withTempFolder((dir) =>
    withFakeTumblr(postsFrom(0, 160), async ({ api, key, calls }) => {
      const settings = { 'sources.tumblr.api': api, 'sources.tumblr.key': key };
      const asked: number[] = [];
      for (const target of ['tumblr:fern', 'tumblr:fern.tumblr.com', 'https://fern.tumblr.com/archive']) {
        const before = calls.length;
        await archive(target, { ...quick, settings, destination: dir }).finished;
        asked.push(calls.length - before);
      }
      expect(asked).toEqual([4, 1, 1]);
    }),
  ));

it('lets go of a first page that never comes when it is asked to stop', () => {
  const asked = latch();
  const silent = behaves(() => asked.open());
  return withTempFolder((dir) =>
    withFakeBlog(
      {},
      async ({ url }) => {
        const settings = { 'sources.tumblr.api': `${url}/v2`, 'sources.tumblr.key': 'fake-key' };
        const running = archive('tumblr:fern', { ...quick, settings, directory: join(dir, 'fern') });
        const ended = running.finished.then(
          () => 'ended',
          () => 'ended',
        );
        const patience = new Promise((resolve) => setTimeout(resolve, 4000, 'still waiting'));
        try {
          await asked.opened;
          running.stop();
          expect(await Promise.race([ended, patience])).toBe('ended');
        } finally {
          running.cancel();
          await ended;
        }
      },
      { otherwise: silent },
    ),
  );
});

it('counts a post that is pinned once, at whichever of its places it came first', () =>
  withTempFolder((dir) => {
    const posts = postsFrom(0, 120);
    const pinned = { ...posts[5]!, isPinned: true };
    return withFakeTumblr([...posts.slice(0, 5), pinned, ...posts.slice(6)], async (tumblr) => {
      const { summary } = await run(tumblr, join(dir, 'fern'));
      expect(summary).toMatchObject({ newPosts: 120, postsHeld: 120, posts: 120 });
    });
  }));

it('forecasts what all would come to where a quota ends the listing, and says when to come back', () =>
  withTempFolder((dir) =>
    withFakeTumblr(
      postsFrom(0, 300),
      async (tumblr) => {
        const ran = await oxbow([
          ...wordsFor(tumblr, join(dir, 'fern')).filter((word) => word !== '--json'),
          '-s',
        ]);
        expect(ran.code).toBe(4);
        expect(ran.stdout).toMatch(/^99 posts with 99 media items: 99 image\n/);
        expect(ran.stdout).toMatch(
          /all: {5}perhaps 300 media items, 1\.2 MB, \d+ requests to list the 300 posts/,
        );
        expect(ran.stderr).toMatch(/quota of the API key .* is spent: go on after 20/);
        expect(ran.stderr).not.toContain('is kept');
        expect(existsSync(join(dir, 'fern'))).toBe(false);
      },
      { quotas: { Perhour: { calls: 2, seconds: 3600 } } },
    ),
  ));
