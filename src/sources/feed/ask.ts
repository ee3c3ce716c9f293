import { AuthError, SourceError } from '../../errors.ts';
import type { Answer } from '../../net/http.ts';
import { shownAddress } from '../../shown.ts';
import { isAddress } from '../address.ts';
import { isObject, type JsonObject } from '../json-path.ts';
import type { SourceContext } from '../source.ts';

/** What is remembered of a feed between listings: how its server marked what was stored of it. */
export interface Memory {
  readonly feed?: string;
  readonly etag?: string;
  readonly lastModified?: string;
  /** The address that answered. */
  readonly from?: string;
  /** The newest capture that was read. */
  readonly captured?: string;
}

const longest = 4096;

/** What this version may have written; anything else is forgotten. */
export function readMemory(given: unknown): Memory {
  if (!isObject(given)) return {};
  const word = (key: keyof Memory) => {
    const value = Object.hasOwn(given, key) ? (given as JsonObject)[key] : undefined;
    return typeof value === 'string' && value.length <= longest ? { [key]: value } : {};
  };
  return {
    ...word('feed'),
    ...word('etag'),
    ...word('lastModified'),
    ...word('from'),
    ...word('captured'),
  };
}

/** How an answer can be asked for only if it has changed. */
export function marksOf(feed: string, { headers, url }: Pick<Answer, 'headers' | 'url'>): Memory {
  const { etag, 'last-modified': lastModified } = headers;
  const fits = (text: string | undefined): text is string =>
    text !== undefined && text !== '' && text.length <= longest;
  return {
    ...(feed.length <= longest && { feed }),
    ...(url.length <= longest && { from: url }),
    ...(fits(etag) && { etag }),
    ...(fits(lastModified) && { lastModified }),
  };
}

/** The answer of status 200; `unchanged` where it is as it was remembered. Throws for all others. */
export async function askFeed(
  url: string,
  { fetch }: Pick<SourceContext, 'fetch'>,
  memory: Memory = {},
): Promise<Answer | 'unchanged'> {
  const { etag, lastModified } = memory.feed === url ? memory : {};
  const answer = await fetch(url, {
    'accept-encoding': 'identity',
    ...(etag !== undefined && { 'if-none-match': etag }),
    ...(lastModified !== undefined && { 'if-modified-since': lastModified }),
  });
  if (answer.status === 200) return answer;
  answer.body.destroy();
  if (answer.status === 304 && (etag ?? lastModified) !== undefined) return 'unchanged';
  throw refusal(url, answer.status);
}

/** An answer of a status that brings no feed. */
export class Refused extends SourceError {
  readonly status: number;

  constructor(message: string, status: number, url: string) {
    super(message, { url });
    this.status = status;
  }
}

function refusal(address: string, status: number): SourceError | AuthError {
  const url = shownAddress(address);
  if (status === 401 || status === 403)
    return new AuthError(
      `The feed ${url} is closed: its server answers ${status}. If you may read it, give what it asks for with --cookies, --header or --netrc.`,
    );
  const why =
    status === 410 ? 'is gone for good' : status === 404 ? 'is gone, or was never there' : 'cannot be listed';
  return new Refused(`The feed ${url} ${why}: its server answers ${status}.`, status, url);
}

/** An address as a person writes it: `feed:` may stand before it, with slashes or without. */
export function feedAddress(target: string): string {
  const rest = target.replace(/^feed:(?=https?:\/\/)/i, '');
  return isAddress(rest) ? rest : rest.replace(/^feed:\/\//i, 'http://').replace(/^feed:/i, '');
}
