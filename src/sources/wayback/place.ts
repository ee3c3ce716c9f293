import { UsageError } from '../../errors.ts';
import { quoted } from '../../shown.ts';
import { normalise } from '../address.ts';

/** What of the web a target names: a host, and where on it the blog begins. */
export interface Place {
  readonly host: string;
  /** Without a slash at the end; empty for a whole host. */
  readonly path: string;
  /** As the index is asked for it. */
  readonly prefix: string;
  readonly name: string;
  readonly addresses: readonly string[];
}

const wrapped = /^https?:\/\/[^/]{1,255}\/web\/[\d*]{1,15}(?:[a-z]{2}_)?\/(.{1,8192})$/is;

/** A host, an address, or the address of either within the web archive. */
export function readPlace(text: string): Place {
  const inner = wrapped.exec(text)?.[1] ?? text;
  const address = normalise(/^[a-z][a-z\d+.-]*:\/\//i.test(inner) ? inner : `http://${inner}`);
  const url = address === undefined ? undefined : new URL(address);
  if (!url || !/[.:]/.test(url.host))
    throw new UsageError(
      `${quoted(text)} does not fit wayback: it takes the host or the address of a blog, such as wayback:blog.example.`,
    );
  const path = url.pathname.replace(/[/*]+$/, '');
  const name = `${url.host}${path}`.replace(/[^\w.-]+/g, '_').replace(/^[._]+/, '');
  const addresses = [`http://${url.host}/`, `https://${url.host}/`];
  return { host: bare(url), path, prefix: `${bare(url)}${path || '/'}`, name, addresses };
}

/** An index files `www.` and the two schemes under one key. */
const bare = ({ host }: URL) => host.replace(/^www\d{0,3}\.(?=[^.]+\.)/, '');

/** Under which a page is known: addresses that differ in scheme, `www.`, letter case or a last slash are one page. */
export function keyOf(url: string): string {
  const address = new URL(url);
  const path = address.pathname.toLowerCase().replace(/\/$/, '') || '/';
  return `${bare(address)}${path}${address.search.toLowerCase()}`;
}

/** The key of a page of this place; undefined for others: an index that is asked for /ann also knows /anna. */
export function keyIn(place: Place, address: string): string | undefined {
  const key = keyOf(normalise(address) ?? 'http://nowhere.invalid/');
  const own = `${place.host}${place.path.toLowerCase()}`;
  return key === own || key.startsWith(`${own}/`) || key.startsWith(`${own}?`) ? key : undefined;
}

const rewritten = /^https?:\/\/([^/]{1,255})\/web\/\d{4,14}(?:[a-z]{2}_)?\/(https?:\/{1,2})?([^/].*)$/is;
const deepest = 5;

/** The address that an archive has wrapped into one of its own, once or several times over. */
export function unwrapped(address: string): string {
  let url = address;
  for (let depth = 0; depth < deepest; depth++) {
    const [, host = '', scheme, rest = ''] = rewritten.exec(url) ?? [];
    const isWrapped = scheme !== undefined || host === 'web.archive.org';
    const inner =
      rest !== '' && isWrapped ? `${/^https/i.test(scheme ?? '') ? 'https' : 'http'}://${rest}` : '';
    const next = inner === '' ? undefined : normalise(inner);
    if (next === undefined) return url;
    url = next;
  }
  return url;
}
