import type { Settings } from '../../options.ts';
import { OwnSettings } from '../own-settings.ts';
import { hostsOf, type OwnHosts } from './addresses.ts';

export const usualApi = 'https://api.tumblr.com/v2';

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
  const own = new OwnSettings('tumblr', settings, given);
  const [ownApi, v1] = [own.base('api'), own.base('v1')];
  return {
    key: own.text('key'),
    api: ownApi ?? usualApi,
    ownApi,
    v1,
    ownHosts: hostsOf(ownApi, v1),
    limit: own.whole('limit', 50, [2, 50]),
    npf: own.truth('npf', true),
  };
}
