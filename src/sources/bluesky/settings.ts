import { UsageError } from '../../errors.ts';
import type { Settings } from '../../options.ts';
import { quoted } from '../../shown.ts';
import { OwnSettings } from '../own-settings.ts';

export const settings = {
  list: 'feed (the default) for the list that the site shows, reposts included; repo for the posts that the account itself holds, complete and as they were written',
  api: 'the base address of the service that answers for the site, https://public.api.bsky.app by default',
  plc: 'the base address of the directory of accounts, https://plc.directory by default',
  pds: "the base address of the account's own server, by default the one that the directory names; of others where that names none",
  cdn: 'the base address of the reduced pictures, https://cdn.bsky.app by default',
  limit: 'how many posts are asked for at a time, from 1 to 100, which is the default',
} as const;

export interface BlueskySettings {
  readonly list: 'feed' | 'repo';
  readonly api: string;
  readonly plc: string;
  readonly pds: string | undefined;
  readonly cdn: string;
  readonly limit: number;
  /** Base addresses that the user named: their hosts may be private. */
  readonly named: readonly string[];
}

export function readSettings(given: Settings): BlueskySettings {
  const own = new OwnSettings('bluesky', settings, given);
  const list = own.text('list') ?? 'feed';
  if (list !== 'feed' && list !== 'repo')
    throw new UsageError(`${quoted(list, 80)} does not fit sources.bluesky.list: it takes feed or repo.`);
  const [api, plc, pds, cdn] = [own.base('api'), own.base('plc'), own.base('pds'), own.base('cdn')];
  return {
    list,
    api: api ?? 'https://public.api.bsky.app',
    plc: plc ?? 'https://plc.directory',
    pds,
    cdn: cdn ?? 'https://cdn.bsky.app',
    limit: own.whole('limit', 100, [1, 100]),
    named: [api, plc, pds, cdn].filter((address) => address !== undefined),
  };
}
