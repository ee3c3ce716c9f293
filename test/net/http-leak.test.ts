import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { openHttp } from '../../src/net/http.ts';

it('leaves no listener on the signal of the run, and its connections are used again', async () => {
  const sockets = new Set<unknown>();
  const server = createServer((_request, response) => response.end('x'.repeat(100_000)));
  server.on('connection', (socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const http = openHttp({
    userAgent: 'test',
    connectTimeout: 60_000,
    headerTimeout: 60_000,
    allowPrivate: true,
    header: [],
    services: [],
  });
  const { signal } = new AbortController();
  const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
  let [added, removed] = [0, 0];
  signal.addEventListener = (...given: Parameters<typeof add>) => {
    added++;
    add(...given);
  };
  signal.removeEventListener = (...given: Parameters<typeof remove>) => {
    removed++;
    remove(...given);
  };
  for (let i = 0; i < 50; i++) {
    const { body } = await http.ask(url, { signal });
    let size = 0;
    for await (const chunk of body) size += (chunk as Buffer).length;
    expect(size).toBe(100_000);
  }
  expect({ added, removed, sockets: sockets.size }).toEqual({ added: 50, removed: 50, sockets: 1 });
  http.close();
  server.close();
});
