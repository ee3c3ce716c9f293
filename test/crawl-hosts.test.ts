import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { behaves, drips, fails, redirects, serves } from '../src/demo/behaviours.ts';
import { archive } from '../src/index.ts';
import type { Progress } from '../src/progress.ts';
import { listOf, quick, recordsOf } from './helpers/archives.ts';
import { type Running, withFakeBlog, withFakeBlogs } from './helpers/fake-blog.ts';
import { photo } from './helpers/media.ts';
import { latch } from './helpers/parcels.ts';
import { deafPort } from './helpers/raw-server.ts';
import { withTempFolder } from './helpers/temp-folder.ts';

const last = (directory: string) => new Map(recordsOf(directory).map((record) => [record.item, record]));

/** A blog that serves everything, but refuses each request from the n-th to the m-th; the second of them in its own time. */
const moody = (from: number, to: number, status: number, second?: Promise<void>) => {
  let asked = 0;
  return behaves(async (exchange) => {
    asked++;
    if (asked === from + 1) await second;
    const isRefused = asked >= from && asked <= to;
    const number = Number(/(\d+)/.exec(exchange.request.url!)![1]);
    await (isRefused ? fails(status) : serves(photo(number, 2000))).answer(exchange);
  });
};

const addresses = (url: string, count: number) => Array.from({ length: count }, (_, n) => `${url}/${n}.jpg`);

describe.concurrent('a host that suddenly refuses everything', () => {
  test.each([403, 404])('with %i and then goes on is asked again: nothing ends as missing', (status) => {
    const believed = latch();
    return withTempFolder((dir) =>
      withFakeBlog(
        {},
        async ({ url, requests }) => {
          const events: Progress[] = [];
          const report = (event: Progress) => {
            events.push(event);
            if (event.event === 'item' && event.record.status === 'missing') believed.open();
          };
          const directory = join(dir, 'a');
          const summary = await archive(listOf(dir, addresses(url, 60)), {
            ...quick,
            directory,
            perHost: 1,
            throttlePause: 50,
            report,
          }).finished;
          expect(summary).toMatchObject({ listed: 60, kept: 60, missing: 0, failed: 0, balanced: true });
          expect(requests.filter((request) => request.status === status)).toHaveLength(25); // injected
          const lines = recordsOf(directory).filter(({ item }) => item.endsWith('/20.jpg'));
          expect(lines.map(({ status: state, reason }) => [state, reason?.code])).toEqual([
            ['missing', status === 403 ? 'forbidden' : 'gone'],
            ['failed', 'throttled'], // takes back what was believed too soon
            ['kept', undefined],
          ]);
          expect(events).toContainEqual(
            expect.objectContaining({
              event: 'pace',
              change: 'halved',
              why: '4 of the last 20 answers were 403 or 404, which was not meant',
            }),
          );
        },
        { otherwise: moody(21, 45, status, believed.opened) },
      ),
    );
  });

  test('for good leaves its items failed, not missing, and is not asked thousands of times', () =>
    withTempFolder((dir) =>
      withFakeBlog(
        {},
        async ({ url, requests }) => {
          const directory = join(dir, 'a');
          const given = {
            ...quick,
            directory,
            throttlePause: 10,
            hostRest: 3_600_000,
            rate: 500,
            retries: 0,
          };
          const summary = await archive(listOf(dir, addresses(url, 1000)), given).finished;
          expect(summary).toMatchObject({ kept: 20, missing: 0, failed: 980, balanced: true });
          expect(requests.length).toBeLessThan(150);
          const reasons = [...last(directory).values()].map(({ reason }) => reason?.code);
          expect(new Set(reasons)).toEqual(new Set([undefined, 'throttled']));
        },
        { otherwise: moody(21, Number.POSITIVE_INFINITY, 403) },
      ),
    ));

  test('by turns makes nothing missing: so does a limit on the rate, by the second', () =>
    withTempFolder(async (dir) => {
      let [tokens, last] = [4, performance.now()]; // fewer than come at once, however slow the machine
      const limited = behaves(async (exchange) => {
        tokens = Math.min(12, tokens + (performance.now() - last) / 100); // ten a second
        last = performance.now();
        const number = Number(/(\d+)/.exec(exchange.request.url!)![1]);
        await (tokens-- < 1 ? fails(403) : serves(photo(number, 2000))).answer(exchange);
        tokens = Math.max(0, tokens);
      });
      const body = async ({ url, requests }: Running) => {
        const directory = join(dir, 'a');
        const given = { ...quick, directory, backoffBase: 300, throttlePause: 500 };
        const summary = await archive(listOf(dir, addresses(url, 60)), given).finished;
        expect(requests.filter(({ status }) => status === 403).length).toBeGreaterThan(0); // injected
        expect(summary).toMatchObject({ listed: 60, missing: 0, balanced: true });
        expect(summary.kept).toBeGreaterThan(30);
      };
      await withFakeBlog({}, body, { otherwise: limited });
    }));

  test('while it still gives what it gave before means it: what is gone is missing', () =>
    withTempFolder((dir) =>
      withFakeBlog(
        { '/0.jpg': serves(photo(0, 2000)) },
        async ({ url }) => {
          const directory = join(dir, 'a');
          const summary = await archive(listOf(dir, addresses(url, 200)), { ...quick, directory }).finished;
          expect(summary).toMatchObject({ kept: 1, missing: 199, failed: 0 });
        },
        { otherwise: fails(404) },
      ),
    ));
});

test('a host that is dead does not make a thousand items wait for a thousand refusals', async () => {
  const port = await deafPort();
  await withTempFolder(async (dir) => {
    const directory = join(dir, 'a');
    const events: Progress[] = [];
    const summary = await archive(listOf(dir, addresses(`http://127.0.0.1:${port}`, 1000)), {
      ...quick,
      directory,
      report: (event) => void events.push(event),
    }).finished;
    expect(summary).toMatchObject({ failed: 1000, missing: 0 });
    expect(summary.requests).toBeLessThan(50);
    const reasons = [...last(directory).values()].map(({ reason }) => reason!.code);
    expect(new Set(reasons)).toEqual(new Set(['connect']));
    expect(events.filter(({ event }) => event === 'parked')).toHaveLength(1);
  });
});

test('one host that drips does not hold up three that are fast', () =>
  withTempFolder((dir) =>
    withFakeBlogs(
      [drips(photo(4), { bytes: 1, everyMs: 100 }), ...[1, 2, 3].map((n) => serves(photo(n)))],
      async (hosts) => {
        const mixed = Array.from({ length: 40 }, (_, n) => hosts.map(({ url }) => `${url}/${n}.jpg`)).flat();
        const [slow] = hosts;
        const directory = join(dir, 'a');
        const order: string[] = [];
        const run = archive(listOf(dir, mixed), {
          ...quick,
          directory,
          perHost: 4,
          concurrency: 16,
          report: (event) => {
            if (event.event === 'item') order.push(event.record.url);
            if (order.length === 120) run.cancel();
          },
        });
        await expect(run.finished).rejects.toThrow();
        expect(order.filter((url) => url.startsWith(slow!.url))).toEqual([]);
        expect(slow!.requests.length).toBe(4); // its own places, and no more
      },
    ),
  ));

test('a host that leads to a dead one is not left alone for it', () =>
  withTempFolder(async (dir) => {
    const dead = await deafPort();
    const both = behaves(async (exchange) => {
      const number = Number(/(\d+)/.exec(exchange.request.url!)![1]);
      const leads = redirects(`http://127.0.0.1:${dead}/${number}.jpg`);
      await (number < 60 ? leads : serves(photo(number, 2000))).answer(exchange);
    });
    await withFakeBlog(
      {},
      async ({ url }) => {
        const directory = join(dir, 'a');
        const given = { ...quick, directory, retries: 1 };
        const summary = await archive(listOf(dir, addresses(url, 90)), given).finished;
        expect(summary).toMatchObject({ kept: 30, failed: 60 });
      },
      { otherwise: both },
    );
  }));
