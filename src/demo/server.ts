import { once } from 'node:events';
import { createServer, IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Behaviour, type Exchange, fails } from './behaviours.ts';
import { Reply } from './reply.ts';

/** One line of the server's log; status and bytes go on changing while the answer is under way. */
export interface Asked {
  /** With its query. */
  readonly path: string;
  readonly method: string;
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
  readonly headers: IncomingMessage['headers'];
  /** `performance.now()` on arrival. */
  readonly at: number;
  /** 0 until something is answered. */
  readonly status: number;
  /** Bytes of the body written so far. */
  readonly sent: number;
}

export interface FakeServer {
  /** Without a slash at the end. */
  readonly url: string;
  readonly requests: readonly Asked[];
  add(path: string, behaviour: Behaviour): void;
  close(): Promise<void>;
}

export type Script = Readonly<Record<string, Behaviour>>;

export interface ServerOptions {
  /** How paths behave that the script does not name; 404 by default. */
  readonly otherwise?: Behaviour;
  /** The port to take if nobody has it; by default, and else, any free one. */
  readonly port?: number;
}

/** A real server on this machine that behaves as the script says, path by path. */
export async function startServer(
  script: Script,
  { otherwise = fails(404), port = 0 }: ServerOptions = {},
): Promise<FakeServer> {
  const paths = new Map(Object.entries(script));
  const times = new Map<string, number>();
  const requests: Asked[] = [];
  const options = { IncomingMessage, ServerResponse: Reply, keepAliveTimeout: 60_000 };
  const server = createServer(options, (request, response) => {
    requests.push(entry(request, response));
    const path = request.url!;
    const key = [path, path.split('?')[0]!].find((known) => paths.has(known)) ?? path;
    const nth = times.get(key) ?? 0;
    times.set(key, nth + 1);
    void behave(paths.get(key) ?? otherwise, { request, response, nth });
  });
  await listen(server, port).catch(() => listen(server, 0));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    add: (path, behaviour) => paths.set(path, behaviour),
    close: () => close(server),
  };
}

type HttpServer = Server<typeof IncomingMessage, typeof Reply>;

async function listen(server: HttpServer, port: number): Promise<void> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
}

async function close(server: HttpServer): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}

/** A mistake in a behaviour must not look like a server that is merely silent. */
async function behave({ answer }: Behaviour, exchange: Exchange): Promise<void> {
  try {
    await answer(exchange);
  } catch (error) {
    exchange.response.destroy(error as Error);
    process.emitWarning(error as Error);
  }
}

const entry = ({ url, method, headers }: IncomingMessage, response: Reply): Asked => ({
  path: url!,
  method: method!,
  range: headers.range,
  ifRange: headers['if-range'] as string | undefined,
  headers,
  at: performance.now(),
  get status() {
    return response.status;
  },
  get sent() {
    return response.sent;
  },
});
