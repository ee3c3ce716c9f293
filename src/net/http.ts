import type { Request, Response } from 'got';
import { originOf } from './guard.ts';
import { type HopOptions, openHops } from './hops.ts';
import { type Journey, journeyTo, onwards } from './journey.ts';
import { redirectFrom, UnusableRedirect } from './redirects.ts';
import { endIfStalled } from './stall.ts';

export interface HttpOptions extends HopOptions {
  /** Base addresses of services that the user configured: their hosts may be private too. */
  readonly services: readonly string[];
}

export interface Answer {
  readonly status: number;
  readonly headers: Response['headers'];
  /** The address that answered, after redirects and without credentials. */
  readonly url: string;
  readonly body: Request;
}

export interface Ask {
  /** The head alone, if the server can do that. */
  readonly method?: 'HEAD';
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

/** Trouble with a place that the first one led to: the first has answered. */
export class BeyondTheFirst extends Error {
  readonly code: string | undefined;

  constructor(cause: NodeJS.ErrnoException) {
    super(cause.message, { cause });
    this.code = cause.code;
  }
}

const MOST_REDIRECTS = 10;

/** A journey over one hop or more; the decisions of each hop are taken in `hops.ts`. */
export function openHttp(options: HttpOptions): Http {
  const owners = new Set<string>();
  const allowed = new Set(options.services.filter((address) => URL.canParse(address)).map(originOf));
  const hops = openHops(options, { owners, allowed });
  return {
    async ask(address, given = {}) {
      let journey = journeyTo(address);
      for (let hop = 0; ; hop++) {
        const { url } = journey;
        const { response, body } = await hops.take(journey, given).catch((error) => {
          throw hop === 0 ? error : new BeyondTheFirst(error);
        });
        const { statusCode: status, headers } = response;
        const to = redirectFrom(status, headers.location, url);
        if (to === undefined) return told({ status, headers, url: url.href, body }, given);
        body.destroy(); // never read: nobody said how long it is
        if ('why' in to) throw new UnusableRedirect(to.why);
        if (hop === MOST_REDIRECTS) throw new UnusableRedirect(`more than ${MOST_REDIRECTS} redirects`);
        journey = follow(journey, to, given);
      }
    },
    trust(addresses) {
      for (const address of addresses.filter((one) => URL.canParse(one))) {
        owners.add(new URL(address).origin);
        allowed.add(originOf(address));
      }
    },
    get requests() {
      return hops.requests;
    },
    close: hops.close,
  };
}

function told(answer: Answer, { stall }: Ask): Answer {
  if (stall !== undefined) endIfStalled(answer.body, stall);
  return answer;
}

function follow(journey: Journey, to: URL, { mayFollow }: Ask): Journey {
  if (mayFollow && !mayFollow(to)) throw new RefusedRedirect(`redirected to ${to.host}`);
  return onwards(journey, to);
}
