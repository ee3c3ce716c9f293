import { existsSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { postLines } from '../helpers/vaults.ts';
import type { Case } from './fault.ts';
import {
  type Blog,
  canary,
  faultOfBoth,
  faultOfOne,
  heldIn,
  idsOf,
  type Row,
  rowsFrom,
  type Said,
  warningsOf,
} from './tumblr.ts';

/** One run over a blog that leads astray: posts that were shown are held, each once, and it says that it left. */
async function leaves(scene: Case, blog: Blog, shown: readonly Row[], why: RegExp) {
  const ran = await scene.runOn(blog.words);
  const held = heldIn(scene);
  expect(held).toEqual([...new Set(held)]);
  expect(idsOf(shown)).toEqual(expect.arrayContaining(held));
  expect(held).toEqual(expect.arrayContaining(idsOf(shown.slice(0, 50))));
  expect(ran.code).toBe(1);
  expect(warningsOf(ran).at(-1)).toMatch(why);
  expect(blog.asked()).toBeLessThan(500);
  scene.injected(`${blog.asked()} answers of that kind`);
  scene.outcome(`${held.length} posts, each once; a warning; exit 1`);
}

const standstill = /does not move on|does not lead there/;

describe('a list of posts that leads astray', () => {
  faultOfOne('G09', 'The same page again', async (scene, blog) => {
    const rows = rowsFrom(200, 100);
    blog.says = () => blog.page(rows);
    await leaves(scene, blog, rows.slice(0, 50), standstill);
  });

  faultOfOne('G09', 'A cycle of three pages', async (scene, blog) => {
    const rows = rowsFrom(300, 200);
    const pages = [0, 50, 100].map((from) => blog.page(rows.slice(from), 200));
    blog.says = (n) => pages[(n - 1) % 3]!;
    await leaves(scene, blog, rows.slice(0, 150), standstill);
  });

  faultOfOne('G09', 'A list that goes backwards', async (scene, blog) => {
    blog.says = (n) => blog.page(rowsFrom(n * 100, 60), 1000);
    const shown = Array.from({ length: 500 }, (_, n) => rowsFrom((n + 1) * 100, 60)).flat();
    await leaves(scene, blog, shown, standstill);
  });

  faultOfOne('G09', 'A second without end', async (scene, blog) => {
    const pageAt = (n: number) => rowsFrom(n * 100, 60).map((row) => ({ ...row, at: 1_500_000_000 }));
    blog.says = (n) => blog.page(pageAt(n), 1_000_000);
    await leaves(scene, blog, Array.from({ length: 500 }, (_, n) => pageAt(n + 1)).flat(), standstill);
  });

  faultOfOne('G09', 'A list without end', async (scene, blog) => {
    blog.says = (n) => blog.page(rowsFrom(1_000_000 - n * 49, 60), 1_000_000);
    const ran = await scene.runOn(blog.words, '--post-limit', '320');
    expect(heldIn(scene)).toHaveLength(320);
    expect(ran.code).toBe(0);
    expect(blog.asked()).toBeLessThanOrEqual(7 + 1);
    scene.injected(`${blog.asked()} pages, and no last one`);
    scene.outcome('left at the limit of posts');
  });

  faultOfOne('G09', 'Empty pages that are not the last', async (scene, blog) => {
    blog.rows = rowsFrom(300, 230);
    const empty = blog.api === 'v2' ? [1, 3, 4] : [2, 4, 5]; // the first of v1 would be a blog that shows nothing
    blog.says = (n, due) => (empty.includes(n) ? emptied(due) : due);
    const ran = await scene.runOn(blog.words);
    const held = heldIn(scene);
    expect(held).toEqual([...new Set(held)]);
    expect(held).toEqual(expect.arrayContaining(idsOf(blog.rows.slice(blog.api === 'v2' ? 200 : 0))));
    expect(ran.code).toBe(0);
    scene.injected(`3 of ${blog.asked()} pages were empty`);
    scene.outcome('listed on behind them');
  });
});

/** The same page, and what leads on from it, without its posts. */
const emptied = (due: Said): Said => {
  const { response, ...said } = JSON.parse(String(due.body)) as { response?: object };
  const bare = response ? { ...said, response: { ...response, posts: [] } } : { ...said, posts: [] };
  return { ...due, body: JSON.stringify(bare) };
};

describe('a blog that changes under the crawl', () => {
  for (const order of ['newest', 'oldest'] as const)
    faultOfBoth('G10', `Posts come and go between pages, the ${order} first`, async (scene, blog) => {
      const rows = rowsFrom(1000, 260);
      blog.rows = rows;
      blog.before = (n) => {
        if (n === 1 || n > 10) return; // else it might grow faster than it is read
        const gone = new Set(idsOf([...rows.slice(n * 11, n * 11 + 4), ...rows.slice(-n * 9, -n * 9 + 3)]));
        blog.rows = [...rowsFrom(1000 + n * 7, 7), ...blog.rows.filter(({ id }) => !gone.has(id))];
      };
      const ran = await scene.runOn(blog.words, '--order', order);
      const held = heldIn(scene);
      const stayed = rows.filter((row) => blog.rows.includes(row));
      expect(idsOf(stayed).filter((id) => !held.includes(id))).toEqual([]);
      expect(held).toEqual([...new Set(held)]);
      expect(ran.code).toBe(0);
      scene.injected(`${rows.length - stayed.length} posts went, ${blog.rows.length - stayed.length} came`);
      scene.outcome('all that stayed are held, each once');
    });
});

const page = (body: string, type = 'text/html'): Said => ({ status: 200, type, body });
const maintenance = page('<!doctype html><title>Down</title><p>Be right back.');
const failure = page('{"meta":{"status":200,"msg":"OK"},"error":"try later"}', 'application/json');
const refusal = (status: number): Said => ({
  status,
  type: 'application/json',
  body: JSON.stringify({ meta: { status, msg: `No: ${canary}` }, response: `${canary} is not welcome` }),
});

const proof = ({ archive }: Case) => JSON.stringify(postLines(archive));

/** The key is where nobody may find it. */
function isSilent(scene: Case, { stdout, stderr }: { readonly stdout: string; readonly stderr: string }) {
  expect(stdout + stderr).not.toContain('CANARY');
  expect(scene.filesWith('CANARY')).toEqual([]);
}

describe('a blog that shows no posts', () => {
  faultOfBoth('G16 G18', 'Nonsense and refusals in place of a blog that is held', async (scene, blog) => {
    blog.rows = rowsFrom(100, 60);
    await scene.runOn(blog.words);
    const held = proof(scene);
    const plays = [
      { answers: [page('', 'application/json'), maintenance], code: 3, calls: 2, words: /cannot be listed/ },
      { answers: [failure, page(' \n', 'text/javascript')], code: 3, calls: 2, words: /cannot be listed/ },
      { answers: [refusal(401)], code: 5, calls: 1, words: /tumblr/i },
      { answers: [refusal(403)], code: 5, calls: 1, words: /tumblr/i },
    ];
    for (const { answers, code, calls, words } of plays) {
      const before = blog.asked();
      blog.says = (n) => answers[(n - before - 1) % answers.length]!;
      scene.ends = [code];
      const ran = await scene.runOn(blog.words);
      expect(blog.asked() - before).toBe(calls);
      expect(ran.stderr).toMatch(words);
      expect(ran.events.at(-1)).toMatchObject({ posts: 0, gonePosts: 0, exitCode: code, balanced: true });
      expect(proof(scene)).toBe(held);
      isSilent(scene, ran);
    }
    scene.injected(`${plays.flatMap(({ answers }) => answers).length} answers of another kind`);
    scene.outcome('asked twice, exit 3; refused once, exit 5; what is held stays');
  });

  faultOfBoth('G17 G18', 'A blog that refuses, then one that is empty', async (scene, blog) => {
    blog.says = () => refusal(blog.api === 'v2' ? 401 : 403);
    scene.ends = [5];
    isSilent(scene, await scene.runOn(blog.words));
    expect(blog.asked()).toBeLessThanOrEqual(2);
    expect(existsSync(scene.archive)).toBe(false);
    scene.injected(`${blog.asked()} refusal`);

    blog.says = (_, due) => due;
    scene.ends = [0];
    const ran = await scene.runOn(blog.words);
    expect(ran.events.at(-1)).toMatchObject({ posts: 0, postsStated: 0, listed: 0, balanced: true });
    expect(ran.records).toEqual([]);
    expect(heldIn(scene)).toEqual([]);
    isSilent(scene, ran);
    scene.injected('a blog without posts');
    scene.outcome('exit 5 and nothing written; then 0 posts and exit 0');
  });
});
