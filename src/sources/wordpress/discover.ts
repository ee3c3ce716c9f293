import { SourceError } from '../../errors.ts';
import { shownAddress } from '../../shown.ts';
import { normalise } from '../address.ts';
import { at, elements, isObject, type JsonObject, textAt } from '../json-path.ts';
import type { Sight, SourceContext } from '../source.ts';
import type { Warnings } from '../warnings.ts';
import { addressOf, askObject, askRows, hasTrouble } from './api.ts';
import { isOfCom, siteOfCom } from './com.ts';
import type { Site } from './site.ts';

interface Way {
  readonly context: SourceContext;
  readonly warnings: Warnings;
}

/** What was found by a look is asked for once, though it is recognised first and opened then. */
const found = new WeakMap<Sight, Site>();

/** The API of the blog that a page belongs to. Throws SourceError where there is none, or none that can be read. */
export async function discover(sight: Sight, api: string, way: Way): Promise<Site> {
  const site = found.get(sight) ?? (await siteOf(sight, api, way));
  found.set(sight, site);
  return site;
}

/** Blogs of WordPress.com that have a name of their own may name no API. */
async function siteOf(sight: Sight, api: string, way: Way): Promise<Site> {
  const named = namedRoot(sight);
  if (!named && isOfCom(sight)) return siteOfCom(new URL(sight.url).hostname, api, way);
  const { root, why } = named ?? (await guessedRoot(sight, way));
  return { ...(await siteAt(root, sight, way)), why };
}

/** Does it look as if WordPress had made it? Asks nobody. */
export const isOfWordPress = (sight: Sight): boolean =>
  namedRoot(sight) !== undefined || isOfCom(sight) || baseOf(sight) !== undefined;

/** Where its posts can be asked for; a plugin may show the index and close what is in it. */
export async function tryPosts({ root, home }: Site, way: Way): Promise<void> {
  await askRows(addressOf(root, 'posts', { per_page: 1 }), { ...way, name: shownAddress(home) });
}

interface Root {
  readonly root: string;
  readonly why: string;
}

function namedRoot({ links }: Sight): Root | undefined {
  const link = links.find(
    ({ rel, href }) => rel.includes('https://api.w.org/') && normalise(href) !== undefined,
  );
  return link && { root: normalise(link.href)!, why: 'its page names the API of WordPress' };
}

/** Themes take the link out. */
async function guessedRoot(sight: Sight, way: Way): Promise<Root> {
  const base = baseOf(sight);
  const { status } = sight;
  if (base === undefined && status !== 200)
    throw new SourceError(
      `${shownAddress(sight.url)} shows no page that could name its API: its server answers ${status}.`,
    );
  if (base === undefined)
    throw new SourceError(`${shownAddress(sight.url)} is no page of WordPress: it names no API.`);
  const why = 'its page was made by WordPress, and its API is where it usually is';
  for (const root of [`${base}wp-json/`, `${base}?rest_route=/`]) {
    if (await siteAt(root, sight, way).catch((error) => orStop(error, way))) return { root, why };
  }
  throw new SourceError(
    `${shownAddress(sight.url)} is made by WordPress, but its API is not where it usually is, or is closed.`,
  );
}

/** Where a blog lives whose page was made by WordPress: as its own scripts and styles tell. */
function baseOf({ url, start, generator = '' }: Sight): string | undefined {
  const { origin } = new URL(url);
  const at = start.search(/\/wp-(?:content|includes)\//i);
  const [folder] = at < 0 ? [] : (ending.exec(start.slice(Math.max(0, at - 320), at)) ?? []);
  const base =
    folder !== undefined && URL.canParse(`${folder}/`, url) ? new URL(`${folder}/`, url) : undefined;
  if (base?.origin === origin) return base.href;
  return /^WordPress(?!\.com)/i.test(generator) ? `${origin}/` : undefined;
}

/** An address, or a path from the root, up to the end of a text. */
const ending = /(?:https?:\/\/[^"'\s<>\\]{1,300}|(?<=["'(=])(?:\/[\w.~-]{1,60}){0,4})$/i;

/** What has trouble now may well be there. */
function orStop(error: unknown, { context }: Way): undefined {
  context.signal.throwIfAborted();
  if (hasTrouble(error)) throw error;
}

const fields = 'name,description,url,home,namespaces,gmt_offset,timezone_string,site_icon_url';

async function siteAt(root: string, { url }: Sight, way: Way): Promise<Omit<Site, 'why'>> {
  const index = await askObject(
    addressOf(root, '', { _fields: fields }),
    (value) => (isIndex(value) ? value : undefined),
    { ...way, name: shownAddress(url) },
  );
  const home = homeIn(index, url);
  const facts = Object.fromEntries(Object.entries(index).filter(([key]) => fields.split(',').includes(key)));
  return { root: addressOf(root, 'wp/v2'), home, facts, offset: offsetIn(index) };
}

/** A blog that has moved, or stands behind another server, may give an address at which nobody finds it. */
function homeIn(index: JsonObject, url: string): string {
  const home = normalise(textAt(index, [['home'], ['url']], 2000) ?? '');
  return home !== undefined && bareHost(home) === bareHost(url) ? home : new URL('/', url).href;
}

const bareHost = (url: string): string => new URL(url).host.replace(/^www\./, '');

const isIndex = (value: unknown): value is JsonObject =>
  isObject(value) && elements(at(value, ['namespaces'])).includes('wp/v2');

/** `gmt_offset` is in hours, which may be broken ones. */
function offsetIn(index: JsonObject): number | undefined {
  const text = textAt(index, [['gmt_offset']], 10);
  const hours = text === undefined ? Number.NaN : Number(text);
  return Math.abs(hours) <= 15 ? Math.round(hours * 3600) : undefined;
}
