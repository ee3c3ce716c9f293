import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Behaviour, behaves, cuts, fails, gone, serves, servesHtml } from '../src/demo/behaviours.ts';
import { verifyArchive } from '../src/vault/fixity.ts';
import { listOf, outcomeOf } from './helpers/archives.ts';
import { oxbow } from './helpers/cli.ts';
import { withFakeArchive } from './helpers/fake-archive.ts';
import { withFakeBlog } from './helpers/fake-blog.ts';
import { photo } from './helpers/media.ts';
import { withTempFolder } from './helpers/temp-folder.ts';

const ITEMS = 40;
/** `npm run test:kills` asks for more of them. */
const KILLS = Number(process.env.OXBOW_KILLS ?? 4);
const SEED = Number(process.env.OXBOW_SEED ?? 20_260_521);

/** The same numbers in every run of the tests, so that a moment that fails can be looked at again. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

/** Of every kind: plain, without validator, cut once, failing once, a page, lost with and without a capture. */
function behaviourOf(i: number): Behaviour {
  const body = photo(i, 30_000 + i * 1000);
  const kinds = [
    () => serves(body),
    () => serves(body, { etag: null }),
    () => cuts(body).after(11_000).times(1).then(serves(body)),
    () => fails(503).times(1).then(serves(body)),
    () => servesHtml(),
    () => gone(),
    () => fails(404),
    () => serves(photo(0, 25_000)),
  ];
  return kinds[i % kinds.length]!();
}

/** The blog of one history after another: each history meets every trouble anew. */
class Histories {
  asked = 0;
  atRequest: (n: number) => void = () => undefined;
  #nth = new Map<number, number>();

  begin(): void {
    this.asked = 0;
    this.atRequest = () => undefined;
    this.#nth = new Map();
  }

  script(): Record<string, Behaviour> {
    return Object.fromEntries(Array.from({ length: ITEMS }, (_, i) => [`/${i}.jpg`, this.#item(i)]));
  }

  #item(i: number): Behaviour {
    const proper = behaviourOf(i);
    return behaves((exchange) => {
      const nth = this.#nth.get(i) ?? 0;
      this.#nth.set(i, nth + 1);
      this.atRequest(++this.asked);
      return proper.answer({ ...exchange, nth });
    });
  }
}

interface Moment {
  readonly by: 'request' | 'line';
  readonly at: number;
}

/** One run, killed when the blog sees its n-th request or when it tells its n-th event. */
async function runAndKill(
  words: readonly string[],
  { by, at }: Moment,
  histories: Histories,
): Promise<boolean> {
  let told = 0;
  const ran = await oxbow(words, {
    started: (child) => {
      if (by === 'request') histories.atRequest = (n) => n >= at && child.kill('SIGKILL');
    },
    line: (_line, child) => {
      if (by === 'line' && ++told >= at) child.kill('SIGKILL');
    },
  });
  histories.atRequest = () => undefined;
  return ran.signal === 'SIGKILL';
}

const title = `killed at ${KILLS} random moments and run again, it always ends as an undisturbed run does`;

it(
  title,
  () =>
    withTempFolder(async (dir) => {
      const histories = new Histories();
      await withFakeBlog(histories.script(), async ({ url }) => {
        const addresses = Array.from({ length: ITEMS }, (_, i) => `${url}/${i}.jpg`);
        const captures = addresses
          .filter((_, i) => i % 8 === 4 || i % 8 === 5)
          .map((address, i) => ({
            url: address,
            time: '20190102030405',
            body: photo(900 + i),
            type: 'image/jpeg',
          }));
        await withFakeArchive(captures, {}, async (web) => {
          await killAndCompare(dir, { target: listOf(dir, addresses), web: web.url, histories });
        });
      });
    }),
  60_000 + KILLS * 10_000,
);

interface Scene {
  readonly target: string;
  readonly web: string;
  readonly histories: Histories;
}

async function killAndCompare(dir: string, { target, web, histories }: Scene): Promise<void> {
  const words = (out: string) => {
    const rates = ['rate', 'waybackIndexRate', 'waybackReplayRate'].flatMap((name) => [
      '-o',
      `${name}=unlimited`,
    ]);
    return [
      'archive',
      target,
      '-D',
      join(dir, out),
      '--wayback',
      web,
      '--allow-private',
      '--json',
      '-N',
      '4',
      '--backoff-base',
      '0.01',
      ...rates,
    ];
  };
  const whole = await oxbow(words('undisturbed'));
  expect(whole.code, whole.stderr).toBe(1);
  const expected = outcomeOf(join(dir, 'undisturbed'));
  expect(expected).toHaveLength(ITEMS);
  const most = { request: histories.asked, line: whole.stdout.split('\n').length };

  const random = chance(SEED);
  let killed = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const out = `killed-${kill}`;
    const by = random() < 0.5 ? 'request' : 'line';
    const moment: Moment = { by, at: Math.floor(random() * most[by]) };
    histories.begin();
    if (await runAndKill(words(out), moment, histories)) killed++;
    const again = await oxbow(words(out));
    expect(again.code, `${out}: ${again.stderr}`).toBe(1);
    expect(outcomeOf(join(dir, out)), `${out}, killed at ${by} ${moment.at}`).toEqual(expected);
    expect(await verifyArchive(join(dir, out))).toMatchObject({ sound: true, closed: true });
    execFileSync('sha256sum', ['--quiet', '-c', 'manifest-sha256.txt'], { cwd: join(dir, out) });
  }
  expect(killed).toBeGreaterThanOrEqual(Math.floor(KILLS * 0.75)); // else most of the runs were never disturbed
}
