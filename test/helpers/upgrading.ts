import { once } from 'node:events';
import { createServer, type RequestListener, request, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import type { GivenOptions } from '../../src/options.ts';
import { authority, certificate } from './certificates.ts';

export interface Upgrading {
  /** The options with which a run gets there: by a proxy, as nobody can listen at ports 80 and 443 of that host. */
  readonly options: GivenOptions;
  /** What was asked for without TLS, and only sent on. */
  readonly plain: readonly string[];
}

/** A service as `http://media.example`, which sends everybody on to https, where it answers. */
export async function withUpgrading<T>(inner: string, test: (way: Upgrading) => Promise<T>): Promise<T> {
  const plain: string[] = [];
  const secure = await listening(createSecureServer(certificate('good'), answeredBy(inner)));
  const proxy = createServer((asked, response) => {
    plain.push(asked.url!);
    response.writeHead(301, { location: asked.url!.replace(/^http:/, 'https:') }).end();
  });
  proxy.on('connect', (_, socket) => {
    const onward = connect(secure.port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  });
  const { port } = await listening(proxy);
  const options = { proxy: `http://127.0.0.1:${port}`, noProxy: '127.0.0.1', cacert: authority };
  try {
    return await test({ options, plain });
  } finally {
    for (const server of [proxy, secure.server]) {
      server.close();
      server.closeAllConnections();
    }
  }
}

const answeredBy =
  (inner: string): RequestListener =>
  (asked, response) =>
    void request(inner + asked.url, { headers: asked.headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    }).end();

async function listening(server: Server): Promise<{ server: Server; port: number }> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}
