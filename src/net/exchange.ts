import http, { type ClientRequest } from 'node:http';
import type { OptionsInit, Request, Response } from 'got';
import type { Route, Wish } from './agents.ts';

export interface Exchange {
  readonly url: URL;
  readonly route: Route;
  readonly headers: Readonly<Record<string, string>>;
  /** GET if nothing else is said. */
  readonly method: 'HEAD' | undefined;
  readonly signal: AbortSignal | undefined;
}

/** The head of an answer, and the body that is still to be read. */
export interface Head {
  readonly response: Response;
  readonly body: Request;
}

export interface ExchangeOptions {
  readonly userAgent: string;
  readonly headerTimeout: number;
}

/** One request, one answer: redirects are answers like any other. */
export type Exchanging = (exchange: Exchange) => Promise<Head>;

/** A place may send a long Location, and a hundred headers of a kilobyte each are none of an honest server. */
const MOST_HEADERS = 80 * 1024;

/**
 * Over got. Its own retry is off (it restarts at byte 0), a status is a value (else it buffers whole error
 * bodies), nothing is decoded on the way (offsets of ranges count coded bytes), redirects are left to us (it
 * lets credentials pass from https to http), and HTTP/2 stays off (cut files would pass as whole).
 */
export async function openExchange({ userAgent, headerTimeout }: ExchangeOptions): Promise<Exchanging> {
  const { default: got } = await import('got');
  const client = got.extend({
    retry: { limit: 0 },
    throwHttpErrors: false,
    decompress: false,
    followRedirect: false,
    http2: false,
    headers: { 'user-agent': userAgent, 'accept-encoding': 'identity', accept: '*/*' },
    timeout: { response: headerTimeout },
  }).stream;
  return async (exchange) => {
    const attempt: Attempt = { exchange, agent: exchange.route.kept, wasStale: false };
    try {
      return await send(client, attempt);
    } catch (error) {
      if (!attempt.wasStale || exchange.signal?.aborted) throw error;
      return send(client, { ...attempt, agent: exchange.route.fresh });
    }
  };
}

type Client = (url: string, options: Omit<OptionsInit, 'isStream'>) => Request;

interface Attempt {
  readonly exchange: Exchange;
  readonly agent: http.Agent;
  /** Was the connection closed by the other side just as it was used again? Then nobody has heard the request. */
  wasStale: boolean;
  giveUp?: () => void;
}

async function send(client: Client, attempt: Attempt): Promise<Head> {
  const { url, headers, method = 'GET', signal } = attempt.exchange;
  const body = client(url.href, {
    method,
    headers,
    request: (_url, { headers: all }) => request(attempt, all as http.OutgoingHttpHeaders),
    ...(signal && { signal }),
  });
  const response = await new Promise<Response>((resolve, reject) => {
    body.once('response', resolve);
    body.once('end', () => body.destroy()); // else it stays tied to the signal of the run, and in memory with it
    body.once('close', () => attempt.giveUp?.());
    body.on('error', reject); // stays on: a destroyed stream may still emit, and nobody else may be listening
  });
  return { response, body };
}

/** Only what is needed: Node copies the options of a request twice, and got hands over some forty. */
function request(attempt: Attempt, headers: http.OutgoingHttpHeaders): ClientRequest {
  const { route, method = 'GET' } = attempt.exchange;
  const wish: Wish = {
    opening: (giveUp) => {
      attempt.giveUp = giveUp;
    },
  };
  const sent = http.request({
    protocol: route.kept.protocol,
    host: route.host,
    port: route.port,
    path: route.path,
    method,
    headers: route.headers ? { ...headers, ...route.headers } : headers,
    agent: attempt.agent,
    maxHeaderSize: MOST_HEADERS,
    ...wish,
  } as http.RequestOptions);
  watchForStaleness(sent, attempt);
  return sent;
}

function watchForStaleness(sent: ClientRequest, attempt: Attempt): void {
  let heard = false;
  sent.once('socket', (socket) => {
    if (sent.reusedSocket)
      socket.once('data', () => {
        heard = true;
      });
  });
  sent.once('error', ({ code }: NodeJS.ErrnoException) => {
    attempt.wasStale = sent.reusedSocket && !heard && (code === 'ECONNRESET' || code === 'EPIPE');
  });
}
