import type { Settings } from '../../options.ts';
import { OwnSettings } from '../own-settings.ts';

export const settings = {
  key: "the Content API key of the site; by default the public one that the site's own pages name",
  api: "the base address of the Content API, such as https://blog.example/ghost/api/content; by default the site's own",
  site: 'of an export: the address of the site, for an export does not say where its media lie',
  originals:
    'true (the default) to ask for the original of each uploaded picture, which Ghost keeps beside the reduced one; one request a picture',
} as const;

export interface GhostSettings {
  readonly key: string | undefined;
  readonly api: string | undefined;
  readonly site: string | undefined;
  readonly originals: boolean;
}

export function readSettings(given: Settings): GhostSettings {
  const own = new OwnSettings('ghost', settings, given);
  return {
    key: own.text('key'),
    api: own.base('api'),
    site: own.base('site'),
    originals: own.truth('originals', true),
  };
}
