import { existsSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { behaves, fails, hangs, serves, servesHtml } from '../../src/demo/behaviours.ts';
import { startServer } from '../../src/demo/server.ts';
import { ask } from '../helpers/ask.ts';
import { withFakeBlog } from '../helpers/fake-blog.ts';
import { photo } from '../helpers/media.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';

const one = photo(1);

test('finds a path with its query first, and without it otherwise', async () => {
  const script = { '/a.jpg': fails(503), '/a.jpg?size=large': serves(one) };
  await withFakeBlog(script, async ({ url, requests }) => {
    expect((await ask(`${url}/a.jpg?size=large`)).status).toBe(200);
    expect((await ask(`${url}/a.jpg?size=small`)).status).toBe(503);
    expect((await ask(`${url}/a.jpg`)).status).toBe(503);
    expect(requests.map(({ path }) => path)).toEqual(['/a.jpg?size=large', '/a.jpg?size=small', '/a.jpg']);
  });
});

test('answers 404 to a path nobody wrote down, unless told otherwise', async () => {
  await withFakeBlog({}, async ({ url }) => expect((await ask(`${url}/x`)).status).toBe(404));
  const otherwise = servesHtml();
  await withFakeBlog({}, async ({ url }) => expect((await ask(`${url}/x`)).status).toBe(200), { otherwise });
});

test('takes further paths while it runs', async () => {
  await withFakeBlog({}, async ({ url, server }) => {
    server.add('/late.jpg', serves(one));
    expect((await ask(`${url}/late.jpg`)).status).toBe(200);
  });
});

test('counts how often each path was asked, whatever the query', async () => {
  const counts: number[] = [];
  const counting = behaves(({ response, nth }) => {
    counts.push(nth);
    response.end();
  });
  await withFakeBlog({ '/a': counting, '/b': counting }, async ({ url }) => {
    for (const path of ['/a', '/a?x=1', '/b', '/a']) await ask(url + path);
    expect(counts).toEqual([0, 1, 0, 2]);
  });
});

test('logs what was asked and when, and what was answered', async () => {
  await withFakeBlog({ '/a.jpg': serves(one) }, async ({ url, requests }) => {
    const before = performance.now();
    await ask(`${url}/a.jpg`, { headers: { range: 'bytes=5-9', 'if-range': '"x"', 'x-of-mine': 'yes' } });
    await ask(`${url}/none`, { method: 'POST' });
    const [first, second] = requests;
    expect(first).toMatchObject({
      path: '/a.jpg',
      method: 'GET',
      range: 'bytes=5-9',
      ifRange: '"x"',
      status: 200,
      sent: one.length,
    });
    expect(first!.headers['x-of-mine']).toBe('yes');
    expect(second).toMatchObject({ path: '/none', method: 'POST', range: undefined, status: 404 });
    expect(first!.at).toBeGreaterThanOrEqual(before);
    expect(second!.at).toBeGreaterThanOrEqual(first!.at);
  });
});

test('keeps a connection open for the next request', async () => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const ports = new Set<number | undefined>();
  const noting = behaves(({ request, response }) => {
    ports.add(request.socket.remotePort);
    response.end('ok');
  });
  await withFakeBlog({ '/a': noting }, async ({ url }) => {
    for (let i = 0; i < 3; i++) await ask(`${url}/a`, { agent });
    expect(ports.size).toBe(1);
  });
  agent.destroy();
});

test('closes at once with answers under way, and frees its port', async () => {
  const server = await startServer({ '/a': hangs() });
  const broken = ask(`${server.url}/a`).catch((error: NodeJS.ErrnoException) => error.code);
  while (server.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await server.close();
  expect(await broken).toBe('ECONNRESET');
  await expect(ask(`${server.url}/a`)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('takes the port that was asked for, and another one if somebody has it', async () => {
  const first = await startServer({});
  const port = Number(new URL(first.url).port);
  const second = await startServer({ '/a.jpg': serves(one) }, { port });
  expect(second.url).not.toBe(first.url);
  expect((await ask(`${second.url}/a.jpg`)).status).toBe(200);
  await Promise.all([first.close(), second.close()]);
  const third = await startServer({}, { port });
  expect(third.url).toBe(first.url);
  await third.close();
  await third.close();
});

test('a temporary folder is gone afterwards, whatever happened in it', async () => {
  let seen = '';
  const failing = withTempFolder(async (dir) => {
    seen = dir;
    writeFileSync(join(dir, 'leaf.txt'), 'green');
    throw new Error('a branch broke');
  });
  await expect(failing).rejects.toThrow('a branch broke');
  expect([seen === '', existsSync(seen)]).toEqual([false, false]);
});
