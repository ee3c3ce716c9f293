import http, { type ClientRequest } from 'node:http';
import type net from 'node:net';
import type { Duplex } from 'node:stream';
import type { Dial } from './dial.ts';
import type { Place } from './guard.ts';
import type { ProxyServer } from './proxy.ts';
import { connectToProxy, openTunnel } from './tunnel.ts';

/** Opens a connection for a request; the signal says that nobody waits for it any more. */
type Open = (place: Place, signal: AbortSignal) => Promise<net.Socket>;

/** What a request hands to its agent, beyond Node's own options. */
export interface Wish {
  /** Called when a connection has to be opened for it. */
  readonly opening: (giveUp: () => void) => void;
}

type Given = Parameters<http.Agent['createConnection']>[0] & Place & Partial<Wish>;

/** Milliseconds for which a connection is kept that nobody uses. */
const IDLE = 30_000;
/** Beyond so many connections none is kept: ten thousand hosts with a picture each must not use up all descriptors. */
const MOST_OPEN = 512;

/** An agent whose connections are opened by us, and of which nothing is used again that spoke unasked. */
class Agent extends http.Agent {
  readonly protocol: string;
  readonly defaultPort: number;
  readonly #open: Open;

  constructor(protocol: string, keepAlive: boolean, open: Open) {
    super({ keepAlive, maxFreeSockets: 64, timeout: IDLE });
    this.protocol = protocol;
    this.defaultPort = protocol === 'https:' ? 443 : 80;
    this.#open = open;
  }

  override createConnection(given: Given, done: (error: Error | null, socket: Duplex) => void): Duplex {
    const end = new AbortController();
    given.opening?.(() => end.abort(new Error('nobody waits for this connection')));
    this.#open({ host: given.host, port: Number(given.port) }, end.signal).then(
      (socket) => done(null, socket),
      (error) => (done as (error: Error) => void)(error),
    );
    return undefined as unknown as Duplex; // Node waits for `done` then, which its types do not tell
  }

  override getName(place?: Partial<Given>): string {
    return `${place?.host}:${place?.port}`;
  }

  /** Bytes that nobody asked for would be read as the answer to the next request. */
  override keepSocketAlive(socket: Duplex): boolean {
    const keeps: unknown = super.keepSocketAlive(socket); // whose type says nothing of its answer
    if (!keeps || socket.readableLength > 0 || this.#openOnes() > MOST_OPEN) return false;
    socket.on('data', distrust);
    return true;
  }

  #openOnes(): number {
    return (this as unknown as { totalSocketCount: number }).totalSocketCount; // which Node's types do not tell
  }

  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    socket.off('data', distrust);
    super.reuseSocket(socket, request);
  }
}

function distrust(this: Duplex): void {
  this.destroy();
}

/** How a request reaches its place: straight, or by way of a proxy. */
export interface Route {
  /** Connections that are kept and used again, and a connection of one's own. */
  readonly kept: Agent;
  readonly fresh: Agent;
  readonly host: string;
  readonly port: number;
  readonly path: string;
  /** What only this way needs; never seen by the place where the way ends, if a tunnel leads there. */
  readonly headers: Readonly<Record<string, string>> | undefined;
  /** Whose word the head of the answer may be. */
  readonly proxy: ProxyServer | undefined;
}

type Pair = Pick<Route, 'kept' | 'fresh'>;

/** The agents of each way, made when first needed. */
export function openRoutes(dial: Dial, proxyTimeout: number) {
  const pairs = new Map<string, Pair>();
  const pairFor = (protocol: string, by: string, open: Open): Pair => {
    const key = `${protocol} ${by}`;
    const known = pairs.get(key);
    if (known) return known;
    const pair = { kept: new Agent(protocol, true, open), fresh: new Agent(protocol, false, open) };
    pairs.set(key, pair);
    return pair;
  };

  function straight(url: URL): Pair {
    return pairFor(url.protocol, 'straight', async (place, signal) => {
      const socket = await dial.connect(place, signal);
      return url.protocol === 'https:' ? dial.secure(socket, place.host, signal) : socket;
    });
  }

  const tunnelled = (proxy: ProxyServer): Pair =>
    pairFor('https:', keyOf(proxy), async (place, signal) => {
      const socket = await openTunnel(proxy, place, { dial, signal, ms: proxyTimeout });
      return dial.secure(socket, place.host, signal);
    });

  return {
    routeTo(url: URL, { host, port }: Place, proxy: ProxyServer | undefined): Route {
      const path = `${url.pathname}${url.search}`;
      if (!proxy) return { ...straight(url), host, port, path, headers: undefined, proxy };
      if (url.protocol === 'https:')
        return { ...tunnelled(proxy), host, port, path, headers: undefined, proxy: undefined };
      const pair = pairFor('http:', keyOf(proxy), (_place, signal) => connectToProxy(proxy, dial, signal));
      const { authorization } = proxy;
      const headers = { host: url.host, ...(authorization && { 'proxy-authorization': authorization }) };
      return { ...pair, host: proxy.host, port: proxy.port, path: `${url.origin}${path}`, headers, proxy };
    },
    close() {
      for (const { kept, fresh } of pairs.values()) {
        kept.destroy();
        fresh.destroy();
      }
    },
  };
}

const keyOf = ({ secure, shown }: ProxyServer) => `by ${secure ? 'TLS to ' : ''}${shown}`;

export type Routes = ReturnType<typeof openRoutes>;
