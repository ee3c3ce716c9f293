import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { placeholder } from '../../src/demo/behaviours.ts';
import { type Demo, startDemo, type Trouble, troubles } from '../../src/demo/blog.ts';
import { ask, type Heard } from '../helpers/ask.ts';

interface Item {
  readonly key: string;
  readonly url: string;
  readonly alternates: readonly string[];
}

let demo: Demo;
let items: Map<string, Item>;

beforeAll(async () => {
  demo = await startDemo();
  const { posts } = JSON.parse((await ask(demo.target)).body.toString()) as { posts: { media: Item[] }[] };
  items = new Map(posts.flatMap(({ media }) => media).map((item) => [item.key, item]));
});
afterAll(() => demo.close());

const fileOf = (url: string) =>
  readFileSync(new URL(`../../fixtures/demo/media/${basename(url)}`, import.meta.url));
const itemOf = ({ key }: Pick<Trouble, 'key'>) => items.get(key)!;

/** As patient a client as the demonstration needs: continues what was cut, waits for nothing. */
async function fetch(url: string): Promise<{ answers: Heard[]; body: Buffer }> {
  const answers: Heard[] = [];
  let body: Buffer = Buffer.alloc(0);
  for (let tries = 0; tries < 5; tries++) {
    const etag = answers.at(-1)?.headers.etag;
    const resume = body.length > 0 && etag ? { range: `bytes=${body.length}-`, 'if-range': etag } : {};
    const heard = await ask(url, { headers: resume });
    answers.push(heard);
    body = heard.status === 206 ? Buffer.concat([body, heard.body]) : heard.body;
    if (!heard.broken && heard.status !== 503 && heard.status !== 429) break;
  }
  return { answers, body };
}

const seen = ({ answers }: { answers: Heard[] }) =>
  answers.map(({ status, broken }) => (broken ? `${status} cut` : `${status}`));
const fetchItem = (key: string) => fetch(itemOf({ key }).url);

test('every trouble belongs to an item of its own and says in a sentence what it is', () => {
  expect(troubles.filter(({ key }) => !items.has(key))).toEqual([]);
  expect(new Set(troubles.map(({ key }) => key)).size).toBe(troubles.length);
  expect(troubles.every(({ sentence }) => sentence.length > 20)).toBe(true);
});

test('what is expected adds up, and is counted from the troubles', () => {
  const { listed, kept, recovered, duplicate, missing, failed } = demo.expected;
  expect(listed).toBe(items.size);
  expect(kept + recovered + duplicate + missing + failed).toBe(listed);
  expect(demo.expected).toEqual({ listed: 60, kept: 54, recovered: 3, duplicate: 1, missing: 2, failed: 0 });
});

test('items without a trouble are simply served', async () => {
  const calm = [...items.values()].filter(({ key }) => !troubles.some((trouble) => trouble.key === key));
  expect(calm).toHaveLength(60 - troubles.length);
  for (const { url } of calm) {
    const { answers, body } = await fetch(url);
    expect([url, answers.length, body.equals(fileOf(url))]).toEqual([url, 1, true]);
  }
});

test.each([
  ['fern-0004', ['200 cut', '206']],
  ['fern-0018', ['200 cut', '206 cut', '206']],
  ['fern-0053', ['200 cut', '200']],
  ['fern-0022', ['503', '503', '200']],
  ['fern-0010', ['429', '200']],
  ['fern-0052', ['200']],
  ['fern-0045', ['200']],
])('%s is kept after %j', async (key, answers) => {
  const heard = await fetchItem(key);
  expect(seen(heard)).toEqual(answers);
  expect(heard.body.equals(fileOf(itemOf({ key }).url))).toBe(true);
});

test('the redirect leads to the picture, and the one gone for good has an alternate', async () => {
  const moved = await fetchItem('fern-0033');
  const location = new URL(moved.answers[0]!.headers.location!, demo.target).href;
  expect((await fetch(location)).body.equals(fileOf(itemOf({ key: 'fern-0033' }).url))).toBe(true);
  const gone = await fetchItem('fern-0040');
  const alternate = itemOf({ key: 'fern-0040' }).alternates[0]!;
  expect([seen(gone), (await fetch(alternate)).body.equals(fileOf(alternate))]).toEqual([['410'], true]);
});

test('what is lost answers with a placeholder, a page or not at all', async () => {
  expect((await fetchItem('fern-0012')).body.equals(placeholder.bytes)).toBe(true);
  expect((await fetchItem('fern-0056')).body.equals(placeholder.bytes)).toBe(true);
  expect((await fetchItem('fern-0027')).answers[0]!.headers['content-type']).toContain('text/html');
  expect(seen(await fetchItem('fern-0008'))).toEqual(['404']);
  expect(seen(await fetchItem('fern-0036'))).toEqual(['404']);
  expect(demo.placeholders.placeholders.map(({ sha256 }) => sha256)).toEqual([placeholder.sha256]);
});

const capturesOf = async (trouble: Trouble) => {
  const question = new URLSearchParams({
    url: itemOf(trouble).url,
    output: 'json',
    fl: 'timestamp',
    filter: 'statuscode:200',
  });
  const { body } = await ask(`${demo.archiveUrl}/cdx/search/cdx?${question}`);
  return (JSON.parse(body.toString()) as string[][]).slice(1).map(([time]) => time!);
};

test('the web archive has the true bytes of what is to be recovered, and nothing of what is missing', async () => {
  for (const trouble of troubles) {
    const times = await capturesOf(trouble);
    expect([trouble.key, times.length]).toEqual([trouble.key, trouble.outcome === 'recovered' ? 1 : 0]);
    if (times.length === 0) continue;
    const { url } = itemOf(trouble);
    const { headers, body } = await ask(`${demo.archiveUrl}/web/${times[0]}id_/${url}`);
    expect([headers['memento-datetime'] !== undefined, body.equals(fileOf(url))]).toEqual([true, true]);
  }
});

test('counts the bytes of media that were sent, and of nothing else', async () => {
  const { url } = itemOf({ key: 'fern-0001' });
  const before = demo.mediaBytes();
  await ask(demo.target);
  await ask(`${new URL(demo.target).origin}/`);
  await fetchItem('fern-0008');
  expect(demo.mediaBytes()).toBe(before);
  await fetch(url);
  expect(demo.mediaBytes() - before).toBe(fileOf(url).length);
});

test('a second demonstration beside the first one has its own addresses', async () => {
  const second = await startDemo();
  expect(second.target).not.toBe(demo.target);
  expect((await ask(second.target)).body.toString()).not.toContain('{blog}');
  await second.close();
  await expect(ask(second.target)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});
