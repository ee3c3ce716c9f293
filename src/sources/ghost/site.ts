import { shownAddress } from '../../shown.ts';
import { FlatParser } from '../flat-parser.ts';
import type { Sight } from '../source.ts';
import { detached } from '../text.ts';
import type { GhostSettings } from './settings.ts';

/** A site, where its Content API is, and by which key that answers. */
export interface GhostSite {
  /** The address of the site, with a slash at its end. */
  readonly site: string;
  /** Without a slash at its end. */
  readonly api: string;
  readonly key: string;
  /** Did the user give the key, or do the pages of the site name it? */
  readonly isOwnKey: boolean;
}

/**
 * What a page of a site tells of it: Ghost writes the address and a public key of the Content API into each page, for
 * the scripts of its search and its members. Settings may be those of another site: they count for a target that was named
 * as one of Ghost; else the page's own words stand before them. A key of the user's own goes to the host of that target,
 * or to the API of the settings, and to no other that a page names. Undefined where there is no key.
 */
export function siteIn(
  sight: Sight,
  own: GhostSettings,
  { isNamed }: { readonly isNamed: boolean },
): GhostSite | undefined {
  const told = scriptsIn(sight.start).map((attributes) => read(attributes, sight.url));
  const isGhost = /^ghost\b/i.test(sight.generator ?? '') || told.length > 0;
  const ofPage = told.find((one) => one.key)?.key;
  const site = told.find((one) => one.site)?.site ?? new URL('/', sight.url).href;
  const usual = told.find((one) => one.api)?.api ?? `${site}ghost/api/content`;
  const isOurs = isNamed || [site, usual].some((one) => own.api && isOfHost(own.api, one));
  const api = (isOurs ? own.api : undefined) ?? usual;
  const ownKey = isOurs && (api === own.api || isOfHost(api, sight.url)) ? own.key : undefined;
  const key = isNamed ? (ownKey ?? ofPage) : (ofPage ?? ownKey);
  if (key === undefined || (!isGhost && !(isNamed && own.api !== undefined))) return undefined;
  return { site, api, key, isOwnKey: key === own.key };
}

const isOfHost = (one: string, other: string): boolean => new URL(one).host === new URL(other).host;

export const shownSite = ({ site }: GhostSite): string => shownAddress(site).replace(/\/$/, '');

type Attributes = Readonly<Record<string, string>>;

const ours = ['data-api', 'data-ghost', 'data-sodo-search'] as const;
const mostScripts = 20;

/** The scripts that are Ghost's own. */
function scriptsIn(start: string): readonly Attributes[] {
  const found: Attributes[] = [];
  const open = (name: string, attributes: Attributes) => {
    if (name === 'script' && found.length < mostScripts && ours.some((key) => attributes[key]))
      found.push(attributes);
  };
  const parser = new FlatParser(new Set(), { open, close: () => undefined, text: () => undefined });
  parser.write(start);
  parser.end();
  return found;
}

function read(attributes: Attributes, base: string) {
  const key = /^[0-9a-f]{10,64}$/i.exec(attributes['data-key'] ?? '')?.[0];
  return {
    key: key && detached(key),
    site: asFolder(attributes['data-ghost'] || attributes['data-sodo-search'], base),
    api: asFolder(attributes['data-api'], base)?.replace(/\/+$/, ''),
  };
}

/** An http address with a slash at its end. */
function asFolder(text: string | undefined, base: string): string | undefined {
  if (!text || !/^(https?:)?\//i.test(text) || text.length > 2048 || !URL.canParse(text, base))
    return undefined;
  const { origin, pathname } = new URL(text, base);
  return origin === 'null' ? undefined : detached(`${origin}${pathname.replace(/\/*$/, '/')}`);
}
