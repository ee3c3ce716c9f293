import http from 'node:http';
import type net from 'node:net';
import { sentence } from '../errors.ts';
import type { Dial } from './dial.ts';
import type { Place } from './guard.ts';
import { type ProxyServer, ProxyTrouble } from './proxy.ts';
import { timed } from './step.ts';

/** A connection to the proxy itself, which may lie in a private network. */
export async function connectToProxy(
  proxy: ProxyServer,
  dial: Dial,
  signal: AbortSignal,
): Promise<net.Socket> {
  try {
    const socket = await dial.connectFreely(proxy, signal);
    return proxy.secure ? await dial.secure(socket, proxy.host, signal) : socket;
  } catch (error) {
    signal.throwIfAborted();
    throw trouble(proxy, sentence(error), error);
  }
}

/** A connection to a place through the proxy. What the proxy says of itself is never taken for the place's word. */
export async function openTunnel(
  proxy: ProxyServer,
  { host, port }: Place,
  { dial, signal, ms }: { readonly dial: Dial; readonly signal: AbortSignal; readonly ms: number },
): Promise<net.Socket> {
  const socket = await connectToProxy(proxy, dial, signal);
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  try {
    return await timed('proxy', { ms, signal }, () => connectThrough(socket, authority, proxy));
  } catch (error) {
    socket.destroy();
    signal.throwIfAborted();
    throw error instanceof ProxyTrouble ? error : trouble(proxy, sentence(error), error);
  }
}

function connectThrough(socket: net.Socket, authority: string, proxy: ProxyServer): Promise<net.Socket> {
  const { authorization } = proxy;
  return new Promise((resolve, reject) => {
    const request = http.request({
      method: 'CONNECT',
      path: authority,
      createConnection: () => socket,
      setHost: false,
      headers: { host: authority, ...(authorization && { 'proxy-authorization': authorization }) },
    });
    request.on('error', reject);
    request.once('connect', (response, _socket, head) => {
      const complaint = complaintAbout(response, head);
      if (complaint) reject(trouble(proxy, complaint));
      else resolve(socket);
    });
    request.end();
  });
}

/** A server of TLS never speaks first: what follows the head of the answer at once is a page of the proxy's own. */
function complaintAbout({ statusCode = 0, headers }: http.IncomingMessage, head: Buffer): string | undefined {
  if (statusCode === 407) return 'it wants other credentials (status 407)';
  if (statusCode < 200 || statusCode > 299) return `it answered CONNECT with status ${statusCode}`;
  if (head.length > 0 || headers['content-type']?.startsWith('text/'))
    return 'it answered CONNECT with a page of its own';
  return undefined;
}

export function trouble(proxy: ProxyServer, what: string, cause?: unknown): ProxyTrouble {
  return new ProxyTrouble(`trouble with the proxy ${proxy.shown}: ${what}`, { cause });
}
