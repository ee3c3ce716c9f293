import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { type BoundedText, boundedText } from '../../src/sources/answer.ts';
import { answer, cuts, type Headers } from '../helpers/answers.ts';
import { startRawServer } from '../helpers/raw-server.ts';
import type { Script } from '../helpers/raw-talk.ts';
import { testContext } from '../helpers/source-suite.ts';

async function read(script: Script, most?: number): Promise<BoundedText> {
  const server = await startRawServer(script);
  try {
    const { fetch, signal } = testContext();
    const found = await fetch(`${server.url}/page`);
    return await boundedText(found, { signal, name: 'the page', ...(most !== undefined && { most }) });
  } finally {
    await server.close();
  }
}

const serves =
  (body: Uint8Array | string, headers: Headers = {}): Script =>
  (exchange) =>
    exchange.say(answer(200, headers, Buffer.from(body as string)));

it('reads all of an answer, packed or not', async () => {
  const plain = { text: '{"title":"Möwe"}', isDamaged: false };
  expect(await read(serves(plain.text))).toEqual(plain);
  expect(await read(serves(gzipSync(plain.text), { 'Content-Encoding': 'gzip' }))).toEqual(plain);
});

it('G13 replaces what is no UTF-8, and says so', async () => {
  expect(await read(serves(Buffer.from('M\xf6we', 'latin1')))).toEqual({
    text: 'M\ufffdwe',
    isDamaged: true,
  });
  const marked = Buffer.from('\ufeffMöwe', 'utf16le');
  expect(await read(serves(marked))).toEqual({ text: 'Möwe', isDamaged: false });
});

it('G05 ends an answer without an end at the cap', async () => {
  let sent = 0;
  const endless: Script = async (exchange) => {
    await exchange.say(answer(200, { 'Content-Length': null }, ''));
    for (; sent < 10_000 && !exchange.isGone; sent++) await exchange.say(Buffer.alloc(65_536, 'x'));
    exchange.end();
  };
  await expect(read(endless, 2 ** 20)).rejects.toThrow('the page is larger than 1 MiB.');
  expect(sent).toBeGreaterThan(15);
  expect(sent).toBeLessThan(1000);
});

it('G05 ends what opens to more than the cap', async () => {
  const bomb = gzipSync(Buffer.alloc(2 ** 22));
  expect(bomb.length).toBeLessThan(10_000);
  await expect(read(serves(bomb), 10_000)).rejects.toThrow('the page is larger than 10,000 bytes.');
});

it('refuses a coding that nobody asked for, and names a body that broke off', async () => {
  await expect(read(serves('x', { 'Content-Encoding': 'br' }))).rejects.toThrow(
    'the page comes compressed with br, which nobody asked for.',
  );
  await expect(read(cuts(Buffer.from('{"a":1}'), 3))).rejects.toThrow(/broke off in the middle/);
});
