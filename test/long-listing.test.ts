import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { archive } from '../src/archiving.ts';
import { oxbow } from './helpers/cli.ts';
import { type FakePost, withFakeTumblr } from './helpers/fake-tumblr.ts';
import { withTempFolder } from './helpers/temp-folder.ts';
import { postsFrom, wordsFor } from './helpers/tumblr-run.ts';

/** `npm run test:listing` asks for 100,000. */
const POSTS = Number(process.env.OXBOW_POSTS ?? 1500);
const mostMemory = 200 * 2 ** 20;

/** A heap that a listing which keeps what it read would outgrow; with more of it the collector is only lazier. */
const heap = '--max-old-space-size=80 --max-semi-space-size=4';

const peakProbe = new URL('helpers/peak.mjs', import.meta.url).href;

/** Words alone: what is measured is the listing. */
const wordy = (post: FakePost): FakePost => ({
  ...post,
  fields: { content: [{ type: 'text', text: 'The heron stood in the reeds all morning. '.repeat(20) }] },
});

it.concurrent(
  `lists ${POSTS} posts in flat memory with hardly a call too many, and again with two at most`,
  () =>
    withTempFolder((dir) =>
      withFakeTumblr(postsFrom(0, POSTS).map(wordy), async (tumblr) => {
        const peak = join(dir, 'peak');
        const words = wordsFor(tumblr, join(dir, 'fern'));
        const env = { OXBOW_PEAK: peak, NODE_OPTIONS: `${heap} --import ${peakProbe}` };
        const peakOf = () => {
          const [all, ledger] = [
            Number(readFileSync(peak, 'utf8')),
            statSync(join(dir, 'fern/.oxbow/ledger/data.mdb')).size,
          ];
          const mib = (bytes: number) => Math.round(bytes / 2 ** 20);
          return {
            all,
            told: `${mib(all)} MiB at the peak, ${mib(ledger)} of them the ledger`,
          };
        };
        const first = await oxbow(words, { env });
        expect(first.code, first.stderr).toBe(0);
        const summary = JSON.parse(first.stdout.trimEnd().split('\n').at(-1)!);
        expect(summary).toMatchObject({ newPosts: POSTS, postsHeld: POSTS, postsStated: POSTS });
        const least = Math.ceil(POSTS / 50);
        process.stdout.write(
          `\n${POSTS} posts: ${tumblr.calls.length} calls (${least} at the least), ${peakOf().told}, ${summary.seconds} s\n`,
        );
        expect(tumblr.calls.length).toBeLessThanOrEqual(Math.ceil(least * 1.05));
        expect(peakOf().all).toBeLessThan(mostMemory);
        const before = tumblr.calls.length;
        expect((await oxbow(words, { env })).code).toBe(0);
        expect(tumblr.calls.length - before).toBeLessThanOrEqual(2);
        expect(peakOf().all).toBeLessThan(mostMemory);
      }),
    ),
  60_000 + POSTS * 20,
);

/** 1,000 an hour and 5,000 a day, made small; the API's headers tell no less than a second. */
const quotas = { Perhour: { calls: 20, seconds: 0.5 }, Perday: { calls: 50, seconds: 1 } };

it.concurrent('lists all through quotas that end it again and again, and asks nothing in vain', () =>
  withTempFolder((dir) =>
    withFakeTumblr(
      postsFrom(0, 3000).map(wordy),
      async (tumblr) => {
        const waits: number[] = [];
        const run = archive('tumblr:fern', {
          directory: join(dir, 'fern'),
          ...{ allowPrivate: true, recovery: false, rate: Number.POSITIVE_INFINITY },
          settings: { 'sources.tumblr.api': tumblr.api, 'sources.tumblr.key': tumblr.key },
        });
        run.on('quota', ({ resumes }) => {
          waits.push(Date.parse(resumes));
          tumblr.pass(1);
        });
        expect(await run.finished).toMatchObject({ newPosts: 3000, postsHeld: 3000, exitCode: 0 });
        expect(waits.length).toBeGreaterThanOrEqual(3);
        expect(tumblr.calls.length).toBeLessThanOrEqual(63);
      },
      { quotas },
    ),
  ));
