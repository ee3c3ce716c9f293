import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import type { Post } from '../../../src/model.ts';
import { openDocument } from '../../../src/sources/feed/document.ts';
import { JsonHead } from '../../../src/sources/feed/json-head.ts';
import { isBackup, lookAtStart } from '../../../src/sources/feed/look.ts';
import { cappedWarnings } from '../../../src/sources/warnings.ts';
import { busyTime } from '../../helpers/busy.ts';

async function read(text: string | Buffer | AsyncIterable<Uint8Array>) {
  const told: string[] = [];
  const warnings = cappedWarnings(
    (event) => void (event.event === 'warning' && told.push(event.message)),
    'x',
  );
  const bytes = typeof text === 'string' || Buffer.isBuffer(text) ? Readable.from([Buffer.from(text)]) : text;
  const way = { name: 'the feed', warnings, base: 'https://pond.example/feed', type: undefined };
  const document = await openDocument(bytes, way);
  const posts: Post[] = [];
  for await (const page of document.pages) posts.push(...page);
  return { posts, told, facts: document.facts() };
}

const rss = (inner: string) => `<rss version="2.0"><channel>${inner}</channel></rss>`;

it('hands posts over while the feed still comes in', async () => {
  let given = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('<rss><channel>');
    for (;;) {
      given++;
      yield Buffer.from(
        `<item><guid>${given}</guid><description>${'word '.repeat(2000)}</description></item>`,
      );
    }
  }
  const { warn } = { warn: () => undefined };
  const warnings = { warn, skip: warn, close: () => undefined };
  const document = await openDocument(endless(), { name: 'x', warnings, base: null, type: undefined });
  const first = await document.pages.next();
  expect((first.value as readonly Post[]).length).toBe(100);
  expect(given).toBeLessThan(120);
  await document.pages.return(undefined);
});

it('G14 holds few posts of a JSON Feed at a time, whatever it is that makes them long', async () => {
  const items = Array.from({ length: 12 }, (_, n) => ({ id: n, _own: 'word '.repeat(200_000) }));
  const text = JSON.stringify({ version: 'https://jsonfeed.org/version/1.1', items });
  const { warn } = { warn: () => undefined };
  const warnings = { warn, skip: warn, close: () => undefined };
  const way = { name: 'x', warnings, base: null, type: undefined };
  const counts: number[] = [];
  for await (const posts of (await openDocument(Readable.from([Buffer.from(text)]), way)).pages)
    counts.push(posts.length);
  expect(Math.max(...counts)).toBeLessThan(6);
});

const values = [null, true, 7, 1e300, 'text', '', [], ['x'], {}, { a: 1 }, [[[]]]];
const fields =
  'id url external_url title content_html content_text image banner_image date_published tags attachments'.split(
    ' ',
  );

it('G07 takes no offence at wrong types in any field of JSON Feed', async () => {
  const items = fields.flatMap((field, n) =>
    values.map((value, m) => ({ id: `${n}-${m}`, title: 'x', [field]: value })),
  );
  const attachments = ['url', 'mime_type', 'title', 'size_in_bytes'].flatMap((field) =>
    values.map((value) => ({ url: 'https://pond.example/a.mp3', [field]: value })),
  );
  const all = [...items, ...values, { id: 'last', attachments }];
  const text = JSON.stringify({ version: 'https://jsonfeed.org/version/1.1', items: all });
  const { posts } = await read(text);
  const ids = new Set(posts.map(({ id }) => id));
  for (const { title, id } of items)
    if (title === 'x' && typeof id === 'string' && id !== '') expect(ids).toContain(id);
  expect(ids).toContain('last');
  for (const { items: media } of posts)
    for (const { url } of media) expect(url).toMatch(/^https:\/\/pond\.example\//);
});

it('G06 takes names that every object has for plain names', async () => {
  const item = '{"id":"1","__proto__":{"polluted":1},"constructor":2}';
  const json = `{"version":"https://jsonfeed.org/version/1","__proto__":"x","items":[${item}]}`;
  expect((await read(json)).posts).toHaveLength(1);
  const xml = rss(
    '<item><guid>1</guid><__proto__ polluted="1">x</__proto__><constructor/><toString>y</toString></item>',
  );
  const [post] = (await read(xml)).posts;
  expect(Object.keys(post!.raw as object)).toContain('__proto__');
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

it('G11 leaves a date open that no calendar has', async () => {
  const dates = [
    '0000-00-00',
    '10000-01-01T00:00:00Z',
    'yesterday',
    'Fri, 31 Feb 2020 10:00:00 GMT',
    '23:59:60',
  ];
  const { posts } = await read(
    rss(dates.map((date, n) => `<item><guid>${n}</guid><pubDate>${date}</pubDate></item>`).join('')),
  );
  expect(posts.map(({ date }) => date)).toEqual(dates.map(() => null));
});

it('G14 bounds what one entry may hold, and goes on with the next', async () => {
  const media = Array.from({ length: 30_000 }, (_, n) => `<enclosure url="${n}.mp3"/>`).join('');
  const data = `<enclosure url="data:audio/mp3;base64,${'A'.repeat(2 ** 20)}"/>`;
  const long = `<guid>${'g'.repeat(100_000)}</guid>`;
  const { posts, told } = await read(rss(`<item>${long}${media}${data}</item><item><guid>2</guid></item>`));
  expect(posts.map(({ id }) => id.length)).toEqual([64, 1]);
  expect(posts[0]!.items.length).toBeLessThanOrEqual(10_000);
  expect(told.join()).toContain('too long');
});

it('G12 takes little time for what is made to take long', async () => {
  const baits = ['<', '&lt;', '<!--', '<![CDATA[', ' rel=', '"', 'http://', '&amp;lt;', '\\"', '{"a":'];
  const busy = busyTime();
  for (const bait of baits) {
    const text = bait.repeat(100_000 / bait.length);
    await read(rss(`<item><guid>1</guid><title>${text}`)).catch(() => undefined);
    await read(`{"version":"https://jsonfeed.org/version/1","items":[{"id":"1","a":"${text}`).catch(
      () => undefined,
    );
    lookAtStart(text);
  }
  expect(busy()).toBeLessThan(10_000);
});

it('G13 reads each encoding as it is said to be', async () => {
  const text = rss('<item><guid>1</guid><title>é</title></item>');
  const marked = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);
  const latin = Buffer.from(`<?xml version="1.0" encoding="ISO-8859-1"?>${text}`, 'latin1');
  for (const bytes of [marked, latin, Buffer.from(text, 'latin1'), Buffer.from(text)])
    expect((await read(bytes)).posts[0]!.raw).toMatchObject({ title: 'é' });
});

it('keeps the entries that follow one that was never closed', async () => {
  const open = `<item><guid>1</guid>${'<x>'.repeat(10)}`;
  const { posts } = await read(rss(`${open}<item><guid>2</guid></item><item><guid>3</guid></item>`));
  expect(posts.map(({ id }) => id)).toEqual(['1', '2', '3']);
});

it('knows what only looks like a feed', () => {
  const wxr =
    '<?xml version="1.0"?><!-- an export --><rss xmlns:wp="http://wordpress.org/export/1.2/"><channel>';
  for (const start of [wxr, '<urlset>', '{"version":"1"}', '[]', '<html><rss>', ''])
    expect(lookAtStart(start)).toBe(undefined);
  const kind = "<category scheme='http://schemas.google.com/g/2005#kind'/>";
  expect(
    isBackup(`<feed xmlns="http://www.w3.org/2005/Atom"><id>tag:blogger.com,1999:x</id><entry>${kind}`),
  ).toBe(true);
  expect(lookAtStart('\ufeff {"title":"x", "version" : "https:\\/\\/jsonfeed.org\\/version\\/1"')).toBe(
    'json',
  );
});

it('learns what stands at the top of a JSON Feed, however it is cut', () => {
  const text = `{"a":"x\\"y\\\\","items":[{"a":"no","b":[{"a":"no"}]}],"n":{"a":"no"},"next_url":"\\u0068ttps:\\/\\/x","items2":"{","z":1,"b":"last"}`;
  for (const length of [1, 2, 3, 7, text.length]) {
    const head = new JsonHead();
    for (let at = 0; at < text.length; at += length) head.write(text.slice(at, at + length));
    expect([head.words, head.hasItems]).toEqual([
      { a: 'x"y\\', next_url: 'https://x', items2: '{', b: 'last' },
      true,
    ]);
  }
});
