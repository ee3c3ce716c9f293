import { SourceError } from '../../errors.ts';
import { normalise } from '../address.ts';
import { at, isObject, type JsonObject, textAt } from '../json-path.ts';
import type { Sight } from '../source.ts';
import { type ApiWay, askObject, Closed, Refused } from './api.ts';
import type { Site } from './site.ts';

/** What WordPress.com is asked of a blog: all else is nobody's business, or changes every day. */
const fields = 'ID,name,description,URL,jetpack,is_private,icon,logo,lang';

/** A blog whose API is at WordPress.com. */
export async function siteOfCom(host: string, api: string, way: Omit<ApiWay, 'name'>): Promise<Site> {
  const name = host;
  const facts = await askObject(`${api}/rest/v1.1/sites/${host}?fields=${fields}`, asSite, {
    ...way,
    name,
  }).catch((error) => {
    throw meant(error, host);
  });
  if (at(facts, ['is_private']) === true) throw isPrivate(host);
  const home = normalise(textAt(facts, [['URL']]) ?? '') ?? `https://${host}/`;
  const why = 'WordPress.com knows it';
  return { root: `${api}/wp/v2/sites/${host}`, home, facts, offset: undefined, why };
}

/** Does a page look as if WordPress.com had made it? */
export function isOfCom({ generator = '', headers, links }: Sight): boolean {
  return (
    /^WordPress\.com\b/i.test(generator) ||
    /wordpress\.com/i.test(String(headers['host-header'] ?? '').slice(0, 100)) ||
    links.some(({ href }) => /^https:\/\/public-api\.wordpress\.com\//.test(href))
  );
}

const asSite = (value: unknown): JsonObject | undefined =>
  isObject(value) && textAt(value, [['ID']]) !== undefined ? value : undefined;

function meant(error: unknown, host: string): unknown {
  if (error instanceof Closed) return isPrivate(host);
  if (error instanceof Refused && error.status === 404)
    return new SourceError(
      `WordPress.com knows no blog ${host}: it is gone or has another address, or the name is mistyped. A blog that is gone may be in the web archive: wayback:${host}.`,
    );
  return error;
}

const isPrivate = (host: string): Closed =>
  new Closed(
    `The blog ${host} is private: WordPress.com shows it to its members alone. Its owner can open it to all, or export it.`,
  );
