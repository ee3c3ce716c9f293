import { UsageError } from '../../errors.ts';
import { quoted } from '../../shown.ts';
import { isAddress } from '../address.ts';
import { kindOfEntry, nameIfAny, nothingAt, withoutPrefix } from '../target.ts';

/** Where a blog is, by its target alone. */
export interface Place {
  /** `com`: its API is at WordPress.com. Of an address only a look at it tells where its API is. */
  readonly kind: 'com' | 'address';
  readonly host: string;
  /** What to look at. */
  readonly url: string;
}

/** Parts of WordPress.com itself; a blog may be called anything else. */
const notBlogs = new Set(
  'www public-api developer wp wpcom en learn support jetpack apps api widgets'.split(' '),
);

/** A host that is a blog of WordPress.com by its name. */
function isBlogOfCom(host: string): boolean {
  const [, name] = /^([a-z0-9-]{1,63})\.wordpress\.com$/.exec(host) ?? [];
  return name !== undefined && !notBlogs.has(name);
}

/** Asks no server: the addresses of blogs of WordPress.com, however deep within the blog, and their hosts alone. */
export function claimsWordPress(target: string): boolean {
  if (!isAddress(target)) return isBlogOfCom(target) && kindOfEntry(target) === undefined;
  return URL.canParse(target) && isBlogOfCom(new URL(target).hostname);
}

/** `wordpress:` and a host or an address, or the address of a blog of WordPress.com. */
export function readPlace(target: string): Place {
  const text = withoutPrefix('wordpress', target).trim();
  if (isPath(text)) throw nothingAt(text);
  const address = isAddress(text) ? text : `https://${text}`;
  const url = URL.canParse(address) && text.length <= 8192 ? new URL(address) : undefined;
  if (!url || text.includes('\\') || !/[.:]|^localhost$/.test(url.host))
    throw new UsageError(
      `${quoted(text, 200)} does not fit wordpress: it takes the host or the address of a blog, such as wordpress:blog.example.`,
    );
  url.hash = url.username = url.password = '';
  return { kind: isBlogOfCom(url.hostname) ? 'com' : 'address', host: url.host, url: url.href };
}

/** A mistyped export would else be the host of a blog. */
const isPath = (text: string): boolean => /^[./~]/.test(text) || /^[^:]*\.(?:xml|zip|tar|t?gz)$/i.test(text);

/** What the archive is called, where nobody need be asked: a path may be a page of the blog, or where it lives. */
export function nameOfPlace(target: string): string | null {
  return nameIfAny(() => {
    const { kind, host, url } = readPlace(target);
    return kind === 'com' || new URL(url).pathname === '/' ? nameOfHome(`https://${host}/`) : null;
  });
}

/** The host, and where in it the blog is. */
export function nameOfHome(home: string): string {
  const { host, pathname } = new URL(home);
  const path = pathname.replace(/\/+$/, '').slice(0, 100);
  return `${host}${path}`.replace(/[^\w.-]+/g, '_').replace(/^[._]+/, '');
}
