import type { Settings } from '../../options.ts';
import { OwnSettings } from '../own-settings.ts';

export const settings = {
  limit:
    'how many posts of the list are asked for at a time, from 2 to 50; 12 by default, as the site itself does',
  site: 'of an export: the address of the publication, from which the addresses of its posts are made',
} as const;

export interface SubstackSettings {
  readonly limit: number;
  readonly site: string | undefined;
}

export function readSettings(given: Settings): SubstackSettings {
  const own = new OwnSettings('substack', settings, given);
  return { limit: own.whole('limit', 12, [2, 50]), site: own.base('site') };
}
