import type { LookupAddress } from 'node:dns';
import net from 'node:net';
import tls from 'node:tls';
import type { Guard, Place } from './guard.ts';
import type { Names } from './names.ts';
import { timed } from './step.ts';

export interface DialOptions {
  readonly connectTimeout: number;
  /** 0 takes addresses of either family. */
  readonly family: 0 | 4 | 6;
  /** Addresses that the user gave for a `host:port`. */
  readonly pinned: ReadonlyMap<string, readonly string[]>;
  readonly guard: Guard;
  readonly names: Names;
  readonly context: tls.SecureContext | undefined;
  readonly insecure: boolean;
}

export interface Dial {
  /** A connection to an address that was vetted after its name was resolved. */
  connect(place: Place, signal: AbortSignal): Promise<net.Socket>;
  /** The same to a place that the user configured, wherever it lies. */
  connectFreely(place: Place, signal: AbortSignal): Promise<net.Socket>;
  /** TLS over a connection; HTTP/1.1 is all that is offered, for over HTTP/2 cut files would pass as whole. */
  secure(socket: net.Socket, host: string, signal: AbortSignal): Promise<net.Socket>;
}

/** Opens connections: each step has a clock of its own, and only what was looked at is dialled. */
export function openDial(options: DialOptions): Dial {
  const { connectTimeout: ms, guard, names } = options;
  const lookUp = async (place: Place, signal: AbortSignal) => {
    const ask = (host: string) =>
      timed('lookup', { ms, signal }, () => addressesOf({ ...place, host }, options));
    try {
      return await ask(place.host);
    } catch (error) {
      throw await names.explain(place.host, error, ask);
    }
  };
  const connectTo = async (place: Place, signal: AbortSignal, isFree: boolean) => {
    const found = await lookUp(place, signal);
    if (!isFree) {
      const addresses = found.map(({ address }) => address);
      guard.checkFound(place.host, place.port, addresses);
    }
    return timed('connect', { ms, signal }, (ended) => race(alternating(found), place.port, ended));
  };
  return {
    async connect(place, signal) {
      guard.check(place.host, place.port);
      return connectTo(place, signal, false);
    },
    connectFreely: (place, signal) => connectTo(place, signal, true),
    secure: (socket, host, signal) =>
      timed('secureConnect', { ms, signal }, (ended) => shakeHands(socket, host, ended, options)),
  };
}

async function addressesOf(
  { host, port }: Place,
  { pinned, family, names }: DialOptions,
): Promise<readonly LookupAddress[]> {
  const given = pinned.get(`${host}:${port}`) ?? (net.isIP(host) ? [host] : undefined);
  if (!given) return names.lookup(host, { family });
  const found = given.map((address) => ({ address, family: net.isIP(address) }));
  const fitting = found.filter((one) => family === 0 || one.family === family);
  if (fitting.length > 0) return fitting;
  throw Object.assign(new Error(`${host} has no IPv${family} address`), { code: 'EAFNOSUPPORT' });
}

/** The families in turn, so that one which leads nowhere costs a moment only. */
function alternating(found: readonly LookupAddress[]): readonly LookupAddress[] {
  const first = found.filter(({ family }) => family === found[0]?.family);
  const second = found.filter(({ family }) => family !== found[0]?.family);
  return first
    .flatMap((address, i) => [address, ...second.slice(i, i + 1)])
    .concat(second.slice(first.length));
}

/** So long an address may keep silent before the next is tried beside it. */
const HEAD_START = 250;

/** The first of the addresses that answers; a slow one is not given up for the sake of the next. */
function race(addresses: readonly LookupAddress[], port: number, ended: AbortSignal): Promise<net.Socket> {
  const waiting = [...addresses];
  const tried = new Set<net.Socket>();
  let hasWon = false;
  let timer: NodeJS.Timeout | undefined;
  const leave = (winner?: net.Socket) => {
    clearTimeout(timer);
    for (const socket of tried) if (socket !== winner) socket.destroy();
  };
  ended.addEventListener('abort', () => leave(), { once: true });
  return new Promise((resolve, reject) => {
    const next = () => {
      clearTimeout(timer);
      const { address, family } = waiting.shift()!;
      const socket = net.connect({ host: address, port, family, noDelay: true });
      tried.add(socket);
      socket.on('error', (error) => {
        tried.delete(socket);
        if (hasWon) return; // whoever has the connection hears of it as well
        if (waiting.length > 0) next();
        else if (tried.size === 0) reject(error);
      });
      socket.once('connect', () => {
        hasWon = true;
        leave(socket);
        resolve(socket);
      });
      if (waiting.length > 0) timer = setTimeout(next, HEAD_START);
    };
    next();
  });
}

function shakeHands(
  socket: net.Socket,
  host: string,
  ended: AbortSignal,
  { context, insecure }: DialOptions,
): Promise<net.Socket> {
  const secured = tls.connect({
    socket,
    host,
    servername: net.isIP(host) ? '' : host.replace(/\.$/, ''),
    ALPNProtocols: ['http/1.1'],
    rejectUnauthorized: !insecure,
    ...(context && { secureContext: context }),
  });
  ended.addEventListener('abort', () => secured.destroy(), { once: true });
  return new Promise((resolve, reject) => {
    secured.on('error', (error) => {
      secured.destroy();
      reject(error);
    });
    secured.once('secureConnect', () => resolve(secured));
  });
}
