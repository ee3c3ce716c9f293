import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encode } from '@ipld/dag-cbor';
import { CID } from 'multiformats/cid';
import { create } from 'multiformats/hashes/digest';
import { describe, expect, it } from 'vitest';
import type { Post } from '../../../src/model.ts';
import { bluesky } from '../../../src/sources/bluesky/bluesky.ts';
import { BrokenCar, carParts } from '../../../src/sources/bluesky/car-blocks.ts';
import { photo } from '../../helpers/media.ts';
import { postsOf, testContext } from '../../helpers/source-suite.ts';
import { withTempFolder } from '../../helpers/temp-folder.ts';
import { cidOf, did, keyOf, run, withFakeBluesky } from './fake-bluesky.ts';

interface Block {
  readonly cid: CID;
  readonly bytes: Uint8Array;
}

const blockOf = (bytes: Uint8Array): Block => ({
  cid: CID.createV1(0x71, create(0x12, createHash('sha256').update(bytes).digest())),
  bytes,
});
const block = (value: unknown): Block => blockOf(encode(value));

function varint(number: number): Buffer {
  const bytes: number[] = [];
  let rest = number;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
}

const frame = ({ cid, bytes }: Block): Buffer =>
  Buffer.concat([varint(cid.bytes.length + bytes.length), cid.bytes, bytes]);

/** As a server writes it in JSON. */
function plainRecord(n: number) {
  const image = { $type: 'blob', ref: { $link: cidOf(photo(n)) }, mimeType: 'image/jpeg', size: 1 };
  const embed = { $type: 'app.bsky.embed.images', images: [{ alt: '', image }] };
  return { $type: 'app.bsky.feed.post', text: `post ${n}`, createdAt: '2024-07-03T09:46:40Z', embed };
}

function record(n: number, more: object = {}): Block {
  const { embed, ...rest } = plainRecord(n);
  const images = embed.images.map(({ alt, image }) => ({
    alt,
    image: { ...image, ref: CID.parse(image.ref.$link) },
  }));
  return block({ ...rest, embed: { ...embed, images }, ...more });
}

/** A node of the tree; each key but the first leaves out what it shares with the one before. */
function node(leaves: readonly (readonly [key: string, of: Block])[]): Block {
  let last = '';
  const e = leaves.map(([key, { cid }]) => {
    let p = 0;
    while (p < last.length && last[p] === key[p]) p++;
    last = key;
    return { k: Buffer.from(key.slice(p)), p, t: null, v: cid };
  });
  return block({ e, l: null });
}

const keyed = (n: number) => `app.bsky.feed.post/${keyOf(n)}`;

/** An export of these blocks behind its commit, as it is written. */
function car(blocks: readonly Block[], { root, of = did }: { root: Block; of?: unknown }): Buffer {
  const commit = block({
    did: of,
    version: 3,
    data: root.cid,
    rev: keyOf(9),
    prev: null,
    sig: Buffer.alloc(64),
  });
  const header = encode({ roots: [commit.cid], version: 1 });
  return Buffer.concat([varint(header.length), header, ...[commit, ...blocks].map(frame)]);
}

const records = [1, 2, 3].map((n) => record(n));
const root = node(records.map((one, n) => [keyed(n + 1), one] as const));
const whole = car([...records, root], { root });

/** What is listed of an export, and how that ended. */
async function read(bytes: Uint8Array) {
  return withTempFolder(async (dir) => {
    const file = join(dir, 'fern.car');
    await writeFile(file, bytes);
    const context = testContext({ settings: { 'sources.bluesky.pds': 'https://pds.example' } });
    const posts: Post[] = [];
    let error: Error | undefined;
    try {
      const listing = await bluesky.open(bluesky.claims(file) ? file : `bluesky:${file}`, context);
      for await (const page of listing.pages(undefined)) posts.push(...page.posts);
    } catch (thrown) {
      error = thrown as Error;
    }
    const warnings = context.warnings.map((text) => text.replaceAll(file, 'FILE'));
    return { posts, ids: posts.map(({ id }) => id), error, warnings, asked: context.asked };
  });
}

const uris = (...numbers: readonly number[]) => numbers.map((n) => `at://${did}/${keyed(n)}`);

describe('an export of an account', () => {
  it('is listed with the ids and the words that its server would have', async () => {
    const { ids, posts, error, warnings, asked } = await read(whole);
    expect([error, warnings, asked]).toEqual([undefined, [], []]);
    expect(ids).toEqual(uris(1, 2, 3));
    const image = { $type: 'blob', ref: { $link: cidOf(photo(1)) }, mimeType: 'image/jpeg', size: 1 };
    expect(posts[0]!.raw).toMatchObject({
      uri: ids[0],
      cid: records[0]!.cid.toString(),
      value: { text: 'post 1', embed: { images: [{ image }] } },
    });
  });

  it('has its media from the server of the account, and what the account itself lists is no edit', () =>
    withTempFolder((dir) =>
      withFakeBluesky([], async (fake) => {
        const file = join(dir, 'fern.car');
        await writeFile(file, whole);
        const root = join(dir, 'fern');
        expect((await run(fake, root, { target: file })).summary).toMatchObject({ kept: 3, exitCode: 0 });
        const again = await run(fake, root, { target: file });
        expect(again.summary).toMatchObject({ kept: 0, newPosts: 0, editedPosts: 0, exitCode: 0 });
        const listedRecord = (n: number) => {
          const { text, createdAt, embed, $type } = plainRecord(n);
          const cid = records[n - 1]!.cid.toString();
          return { cid, uri: uris(n)[0], value: { text, createdAt, embed, $type } };
        };
        fake.instead = ({ method }) =>
          method === 'listRecords' ? { body: { records: [3, 2, 1].map(listedRecord) } } : undefined;
        const settings = { 'sources.bluesky.list': 'repo' };
        const same = await run(fake, root, { settings });
        expect(same.summary).toMatchObject({ posts: 3, newPosts: 0, editedPosts: 0, kept: 0, exitCode: 0 });
        expect(fake.count('listRecords')).toBe(1);
        fake.instead = ({ method }) => (method === did ? { status: 404 } : undefined);
        const context = testContext({ settings: fake.settings });
        const [post] = await postsOf(await bluesky.open(file, context));
        expect(context.warnings).toEqual([expect.stringContaining('could not be found out')]);
        expect(post!.items[0]!.larger).toBe(`${fake.url}/${did}`);
      }),
    ));

  it('of two posts that say the same at the same moment has both', async () => {
    const twice = node([
      [keyed(1), records[0]!],
      [keyed(2), records[0]!],
    ]);
    expect((await read(car([records[0]!, twice], { root: twice }))).ids).toEqual(uris(1, 2));
  });

  it('that is damaged at any byte tells so, and uses nothing of a damaged block', async () => {
    const clean = (await read(whole)).posts.map(({ raw }) => JSON.stringify(raw));
    for (let at = 0; at < whole.length; at += 41) {
      const bytes = Buffer.from(whole);
      bytes[at]! ^= 0x10;
      const { posts, error, warnings } = await read(bytes);
      expect(error !== undefined || warnings.length > 0, `byte ${at}`).toBe(true);
      for (const { raw } of posts) expect(clean).toContain(JSON.stringify(raw));
    }
  });

  it('that is cut anywhere lists what is whole, and ends with that', async () => {
    for (let length = whole.length - 1; length > 0; length -= 97) {
      const { ids, error } = await read(whole.subarray(0, length));
      if (error === undefined) continue; // between two blocks: what is lacking is told below
      expect(error).toMatchObject({ code: 'ERR_SOURCE' });
      expect(uris(1, 2, 3)).toEqual(expect.arrayContaining(ids));
    }
    const first = car([root, ...records], { root });
    const { ids, error, warnings } = await read(first.subarray(0, first.length - 10));
    expect(ids).toEqual(uris(1, 2));
    expect(error?.message).toMatch(/ends in the middle: what it had until there was listed/);
    expect(warnings).toEqual([expect.stringContaining('names 1 record that it does not hold')]);
    const lacking = await read(car([root, ...records.slice(1)], { root }));
    expect(lacking.warnings).toEqual([expect.stringContaining('names 1 record that it does not hold')]);
  });

  it('says how many posts are left out for their keys lack, also where it ends between two blocks', async () => {
    const second = node([[keyed(3), records[2]!]]);
    const first = node([
      [keyed(1), records[0]!],
      [keyed(2), records[1]!],
    ]);
    const { ids, error, warnings } = await read(car([...records, second], { root: first }));
    expect({ ids, error }).toEqual({ ids: uris(3), error: undefined });
    expect(warnings).toEqual([expect.stringContaining('holds 2 posts without their keys')]);
  });

  it('G04 G06 G07 skips records that are nested too deeply or are none, and goes on', async () => {
    const deep = blockOf(Buffer.concat([Buffer.alloc(100_000, 0x81), Buffer.from([0])]));
    let nested: unknown = 1;
    for (let n = 0; n < 300; n++) nested = [nested];
    const odd = [
      deep,
      block({ nested }),
      block(7),
      block(['a']),
      blockOf(Buffer.from('ff00', 'hex')),
      blockOf(Buffer.from('9affffffff', 'hex')),
    ];
    const huge = record(5, { big: 2n ** 63n, bytes: Buffer.from('ab') });
    const proto = block(JSON.parse('{"text":"p","__proto__":{"polluted":1},"constructor":{"x":1}}'));
    const leaves = [...odd, huge, proto].map((one, n) => [keyed(n + 1), one] as const);
    const tree = node(leaves);
    const { ids, posts, warnings } = await read(car([tree, ...odd, huge, proto], { root: tree }));
    expect(ids).toEqual(uris(7, 8));
    expect(warnings).toHaveLength(odd.length);
    expect(JSON.stringify(posts[0]!.raw)).toContain('"big":"9223372036854775808"');
    expect(JSON.stringify(posts[0]!.raw)).toContain('"bytes":{"$bytes":"YWI"}');
    expect(JSON.stringify(posts[1]!.raw)).toContain('"__proto__":{"polluted":1}');
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it('G07 lives with nodes of the tree that make no sense', async () => {
    const link = records[0]!.cid;
    const good = { k: Buffer.from(keyed(1)), p: 0, t: null, v: link };
    const wrong = [null, 'x', -1, 1e6, [], {}, Buffer.alloc(3000, 0x61), link];
    const nodes = ['k', 'p', 'v'].flatMap((field) =>
      wrong.map((value) => block({ e: [{ ...good, [field]: value }], l: null })),
    );
    const more = [block({ e: 7, l: null }), block({ e: [null, 7, []], l: link })];
    const { ids, error } = await read(car([...nodes, ...more, ...records, root], { root }));
    expect(error).toBeUndefined();
    expect(ids).toEqual(uris(1, 2, 3));
  });

  it.each([
    ['says nobody', { of: 7 }],
    ['names no account', { of: 'fern' }],
  ])('that %s as its owner is refused', async (_, { of }) => {
    const { error, ids } = await read(car([...records, root], { root, of }));
    expect(ids).toEqual([]);
    expect(error?.message).toMatch(/does not say whose export it is/);
  });
});

describe('blocks as they come', () => {
  const parts = async (bytes: AsyncIterable<Uint8Array>) => {
    const found: object[] = [];
    for await (const part of carParts(bytes)) found.push(part);
    return found;
  };

  async function* chunks(bytes: Uint8Array, size: number) {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }

  it('are the same in chunks of any size', async () => {
    const all = await parts(chunks(whole, whole.length));
    expect(all).toHaveLength(6);
    for (const size of [1, 7, 100]) expect(await parts(chunks(whole, size))).toEqual(all);
  });

  it('that are larger than any may be are passed over, and never held', async () => {
    let most = 0;
    async function* large() {
      const { length } = whole;
      yield whole.subarray(0, length);
      yield varint(200 * 2 ** 20);
      for (let n = 0; n < 200; n++) {
        yield Buffer.alloc(2 ** 20);
        most = Math.max(most, process.memoryUsage().arrayBuffers);
      }
      yield frame(records[0]!);
    }
    const before = process.memoryUsage().arrayBuffers;
    const found = await parts(large());
    expect(found.slice(-2)).toEqual([
      { at: whole.length, fault: 'is larger than 4 MiB' },
      expect.objectContaining({ name: expect.anything() }),
    ]);
    expect(most - before).toBeLessThan(150 * 2 ** 20);
  });

  it.each([
    ['a length without an end', Buffer.alloc(20, 0xff), /a length in it has no end/],
    ['a header that is too long', varint(2 ** 40), /does not begin as an export/],
    ['nothing', Buffer.alloc(0), /does not begin as an export/],
    ['a header that is cut', Buffer.from([50, 1, 2]), /ends in the middle/],
  ])('%s is told', async (_, bytes, words) => {
    await expect(parts(chunks(bytes, 100))).rejects.toThrow(words);
    await expect(parts(chunks(bytes, 100))).rejects.toThrow(BrokenCar);
  });
});

it('an export is known by what it begins with', () =>
  withTempFolder(async (dir) => {
    const file = join(dir, 'anything.bin');
    await writeFile(file, whole);
    expect(bluesky.claims(file)).toBe(true);
    expect(readFileSync(file).subarray(1, 8).toString('latin1')).toBe('\xa2eroots');
    await truncate(file, 5);
    expect(bluesky.claims(file)).toBe(false);
  }));
