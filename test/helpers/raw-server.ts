import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import { converse, type Exchange, type Heard, type Script, Talk } from './raw-talk.ts';

export interface RawOptions {
  readonly host?: string;
  readonly port?: number;
  /** Speaks TLS as these options say. */
  readonly tls?: tls.TlsOptions;
  /** Called for each connection, before anything is read. */
  readonly connected?: (socket: net.Socket) => void;
}

export interface RawServer {
  readonly url: string;
  readonly port: number;
  readonly heard: readonly Heard[];
  /** Connections of any kind, those that came to nothing among them. */
  readonly connections: readonly net.Socket[];
  /** Connections that something could be said on: over TLS, those whose handshake came to its end. */
  readonly talks: readonly Talk[];
  /** Why handshakes failed, by the codes of our side. */
  readonly failedHandshakes: readonly string[];
  /** Changes what a path does from its next request on. */
  on(path: string, script: Script): void;
  to(path: string): Heard[];
  /** The Range of each request to a path, in order. */
  ranges(path: string): (string | undefined)[];
  /** Throws what a script threw. */
  close(): Promise<void>;
}

/** What a server does: one script for all it is asked for, or one a path, `*` standing for all others. */
export type Scripts = Script | Readonly<Record<string, Script>>;

/** Bare sockets and a script a path: says exactly the bytes it is told to, and keeps every request it hears. */
export async function startRawServer(
  scripts: Scripts,
  { host = '127.0.0.1', port = 0, tls: secure, connected }: RawOptions = {},
): Promise<RawServer> {
  const { faults, listen, ...told } = openLog(scripts);
  const server = secure ? tls.createServer(secure, listen) : net.createServer(listen);
  const connections: net.Socket[] = [];
  const failedHandshakes: string[] = [];
  server.on('connection', (socket: net.Socket) => {
    connections.push(socket);
    socket.on('error', () => undefined); // a client that goes away is part of the play
    connected?.(socket);
  });
  server.on('tlsClientError', (error: NodeJS.ErrnoException) =>
    failedHandshakes.push(error.code ?? error.message),
  );
  server.listen({ host, port });
  await once(server, 'listening');
  const bound = (server.address() as net.AddressInfo).port;
  return {
    url: `http${secure ? 's' : ''}://${net.isIPv6(host) ? `[${host}]` : host}:${bound}`,
    port: bound,
    connections,
    failedHandshakes,
    ...told,
    async close() {
      for (const socket of connections) socket.destroy();
      server.close();
      await once(server, 'close');
      if (faults.length > 0) throw faults[0];
    },
  };
}

/** What is heard, by connection and by request, and the script that each request is for. */
function openLog(scripts: Scripts) {
  const byPath = new Map(Object.entries(typeof scripts === 'function' ? { '*': scripts } : scripts));
  const heard: Heard[] = [];
  const talks: Talk[] = [];
  const faults: unknown[] = [];
  const to = (path: string) => heard.filter((one) => one.path === path);
  const scriptFor = (path: string) =>
    byPath.get(path) ?? byPath.get(path.split('?')[0]!) ?? byPath.get('*') ?? notFound;
  return {
    heard,
    talks,
    faults,
    to,
    on: (path: string, script: Script) => void byPath.set(path, script),
    ranges: (path: string) => to(path).map((one) => one.header('range')),
    listen(socket: net.Socket) {
      const talk = new Talk(socket);
      const connection = talks.push(talk);
      const answer = (exchange: Exchange) => {
        heard.push(exchange);
        return scriptFor(exchange.path)(exchange);
      };
      converse(talk, { connection, nthOf: (path) => to(path).length, answer }).catch((error: unknown) => {
        faults.push(error);
        socket.destroy();
      });
    },
  };
}

const notFound: Script = (exchange) => exchange.say('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');

/** Such a server, closed after the test. */
export async function withRawServer<T>(
  scripts: Scripts,
  test: (server: RawServer) => Promise<T>,
  options: RawOptions = {},
): Promise<T> {
  return withRawServers(async (open) => test(await open(scripts, options)));
}

/** Lends a way to open such servers; all are closed after the test. */
export async function withRawServers<T>(test: (open: typeof startRawServer) => Promise<T>): Promise<T> {
  const servers: RawServer[] = [];
  try {
    return await test(async (scripts, options) => {
      const server = await startRawServer(scripts, options);
      servers.push(server);
      return server;
    });
  } finally {
    for (const server of servers) await server.close();
  }
}

/** A port on which nobody listens: it was free a moment ago. */
export async function deafPort(): Promise<number> {
  const server = await startRawServer({});
  await server.close();
  return server.port;
}
