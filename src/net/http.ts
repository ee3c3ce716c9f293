import type { OptionsInit, Request, Response } from 'got';
import { guardedAgents, originOf } from './guard.ts';
import { endIfStalled } from './stall.ts';

export interface HttpOptions {
  readonly userAgent: string;
  readonly connectTimeout: number;
  readonly headerTimeout: number;
  readonly allowPrivate: boolean;
  /** `Name: value` lines for requests to the origins they are meant for. */
  readonly header: readonly string[];
  /** Base addresses of services that the user configured: their hosts may be private too. */
  readonly services: readonly string[];
}

export interface Answer {
  readonly status: number;
  readonly headers: Response['headers'];
  /** The address that answered, after redirects. */
  readonly url: string;
  readonly body: Request;
}

export interface Ask {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Milliseconds without a byte after which the body is ended; without it, whoever reads it waits. */
  readonly stall?: number;
  /** Redirects are followed only while this holds; otherwise the redirect itself is the answer's error. */
  readonly mayFollow?: (to: URL) => boolean;
}

/** How we speak to the world: one client for media, listings and web archives alike. */
export interface Http {
  /** Resolves with the head of the answer; whoever asked reads the body or destroys it. */
  ask(url: string, given?: Ask): Promise<Answer>;
  /** Addresses that the user gave: their hosts may be private, and their origins get the headers of the options. */
  trust(addresses: readonly string[]): void;
  readonly requests: number;
  close(): void;
}

/** A redirect that a rule forbids. */
export class RefusedRedirect extends Error {
  readonly code: string = 'EREFUSEDREDIRECT';
}

/**
 * Over got, which is loaded at the first request: a run with nothing to fetch does without. Its own retry is off
 * (it restarts at byte 0), a status is a value (else it buffers whole error bodies), nothing is decoded on the
 * way (offsets of ranges count coded bytes), and HTTP/2 stays off (cut files would pass as whole).
 */
export function openHttp(options: HttpOptions): Http {
  const owners = new Set<string>();
  const allowed = new Set(origins(options.services));
  const agents = guardedAgents(options.allowPrivate ? 'all' : allowed);
  const own = Object.fromEntries(options.header.map(splitHeader));
  let client: Promise<Client> | undefined;
  let requests = 0;

  async function ask(url: string, { headers = {}, signal, stall, mayFollow }: Ask = {}): Promise<Answer> {
    client ??= load(options, agents);
    const send = await client;
    requests++;
    const body = send(url, {
      headers: { ...headers, ...(URL.canParse(url) && owners.has(originOf(url)) ? own : {}) },
      ...(signal ? { signal } : {}),
      hooks: {
        beforeRedirect: [
          (updated, response) => {
            const to = updated.url as URL;
            if (mayFollow && !mayFollow(to)) throw new RefusedRedirect(`redirected to ${to.host}`);
            requests++;
            if (originOf(response.url) === originOf(to)) return;
            for (const name of ['authorization', 'cookie', ...Object.keys(own)])
              delete updated.headers[name.toLowerCase()];
          },
        ],
      },
    });
    const response = await new Promise<Response>((resolve, reject) => {
      body.once('response', resolve);
      body.once('end', () => body.destroy()); // else it stays tied to the signal of the run, and in memory with it
      body.once('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'EREFUSEDADDRESS') requests--; // it never left
      });
      body.on('error', reject); // stays on: a destroyed stream may still emit, and nobody else may be listening
    });
    if (stall !== undefined) endIfStalled(body, stall);
    return { status: response.statusCode, headers: response.headers, url: response.url, body };
  }

  return {
    ask,
    trust(addresses) {
      for (const origin of origins(addresses)) {
        owners.add(origin);
        allowed.add(origin);
      }
    },
    get requests() {
      return requests;
    },
    close() {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

type Client = (url: string, options: Omit<OptionsInit, 'isStream'>) => Request;

const origins = (addresses: readonly string[]) =>
  addresses.filter((address) => URL.canParse(address)).map(originOf);

async function load(options: HttpOptions, agents: ReturnType<typeof guardedAgents>): Promise<Client> {
  const { default: got } = await import('got');
  return got.extend({
    agent: agents,
    retry: { limit: 0 },
    throwHttpErrors: false,
    decompress: false,
    http2: false,
    maxRedirects: 10,
    headers: { 'user-agent': options.userAgent, 'accept-encoding': 'identity', accept: '*/*' },
    timeout: {
      lookup: options.connectTimeout,
      connect: options.connectTimeout,
      secureConnect: options.connectTimeout,
      response: options.headerTimeout,
    },
  }).stream;
}

function splitHeader(line: string): [string, string] {
  const at = line.indexOf(':');
  return [line.slice(0, at).trim(), line.slice(at + 1).trim()];
}
