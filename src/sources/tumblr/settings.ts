import { UsageError } from '../../errors.ts';
import { type Settings, settingsOf } from '../../options.ts';
import { quoted } from '../../shown.ts';
import { isAddress } from '../address.ts';
import { hostsOf, type OwnHosts } from './addresses.ts';

export const settings = {
  key: 'the API key (OAuth consumer key) that is listed with; without one, what is open to all is listed by the older API',
  api: 'the base address of the API, https://api.tumblr.com/v2 by default',
  v1: "the base address of the older API, the blog's own by default",
  limit: 'how many posts are asked for at a time, from 2 to 50, which is the default',
  npf: 'true (the default) for posts as blocks, false for the older form with its HTML',
} as const;

export interface TumblrSettings {
  readonly key: string | undefined;
  readonly api: string;
  /** The same where the user named it: nobody else's host is trusted as the user's own. */
  readonly ownApi: string | undefined;
  readonly v1: string | undefined;
  /** What lies there is known by its key as at Tumblr's own hosts. */
  readonly ownHosts: OwnHosts;
  readonly limit: number;
  readonly npf: boolean;
}

export function readSettings(given: Settings): TumblrSettings {
  const own = settingsOf('tumblr', Object.keys(settings) as (keyof typeof settings)[], given);
  return {
    key: own.key?.trim() || undefined,
    api: baseIn('api', own.api ?? 'https://api.tumblr.com/v2'),
    ownApi: own.api === undefined ? undefined : baseIn('api', own.api),
    v1: own.v1 === undefined ? undefined : baseIn('v1', own.v1),
    ownHosts: hostsOf(own.api, own.v1),
    limit: limitIn(own.limit ?? '50'),
    npf: truthIn(own.npf ?? 'true'),
  };
}

/** Without a slash at the end. */
function baseIn(key: string, text: string): string {
  const url = isAddress(text) && URL.canParse(text) ? new URL(text) : undefined;
  if (url && url.search + url.hash + url.username + url.password === '') return url.href.replace(/\/+$/, '');
  throw new UsageError(`sources.tumblr.${key} takes an http address without a query, user or password.`);
}

function limitIn(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 2 && limit <= 50) return limit;
  throw new UsageError(
    `${quoted(text, 80)} does not fit sources.tumblr.limit: it takes a number from 2 to 50.`,
  );
}

function truthIn(text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  throw new UsageError(`${quoted(text, 80)} does not fit sources.tumblr.npf: it takes true or false.`);
}
