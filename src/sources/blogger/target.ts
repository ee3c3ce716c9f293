import { UsageError } from '../../errors.ts';
import { quoted, shownAddress } from '../../shown.ts';
import { sumOfText } from '../../sums.ts';
import { isAddress } from '../address.ts';
import { withoutPrefix } from '../target.ts';

/** What of Blogger a target names: a blog, or what bears one label in it. */
export interface Place {
  /** Where its feeds lie, without a slash at the end: `posts/default` follows. */
  readonly feeds: string;
  /** Where the blog itself lies; null where only its number is known. */
  readonly site: string | null;
  readonly label?: string;
  /** As it stands in sentences. */
  readonly words: string;
  /** What its archive is called. */
  readonly name: string;
}

const longest = 2048;
const nameOfBlog = /^[a-z0-9][a-z0-9-]{0,62}$/;
const number = /^\d{5,25}$/;
/** The same blog has an address in every country. */
const ofBlogspot = /^(?:www\.)?([a-z0-9-]{1,63})\.blogspot\.(?:[a-z]{2,3}|com?\.[a-z]{2})\.?$/;
const service = 'https://www.blogger.com';

/** Is it the address of a blog, or what lies at Blogger itself and names one? */
export function claimsBlogger(target: string): boolean {
  if (target.startsWith('blogger:')) return true;
  const url = addressIn(target);
  return url !== undefined && (ofBlogspot.test(url.hostname) || numberIn(url) !== undefined);
}

/** The place of a target, with or without the prefix; a host that is not Blogger's is taken for a blog's own. */
export function readTarget(target: string): Place {
  const text = withoutPrefix('blogger', target).trim();
  if (text.length > longest) throw refused(target, 'it is too long');
  if (number.test(text)) return byNumber(text);
  const url = nameOfBlog.test(text.toLowerCase())
    ? new URL(`https://${text.toLowerCase()}.blogspot.com`)
    : addressIn(text);
  if (url === undefined) throw refused(target, 'it is neither the name nor the address of a blog');
  if (isService(url)) return atService(url, target);
  return onBlog(url, target);
}

/** An address, with its scheme or without. */
function addressIn(text: string): URL | undefined {
  if (text.length > longest) return undefined;
  const isBare = !isAddress(text);
  if (isBare && !/^[^\s/\\?#:@]+\.[a-z0-9-]+\.?(:\d{1,5})?([/?#]|$)/i.test(text)) return undefined;
  const address = isBare ? `https://${text}` : text;
  return URL.canParse(address) ? new URL(address) : undefined;
}

const isService = ({ hostname }: URL): boolean => /^((www|draft|beta)\.)?blogger\.com\.?$/.test(hostname);

/** The number of a blog, in the address of a feed or of a page of its owner. */
function numberIn(url: URL): string | undefined {
  if (!isService(url)) return undefined;
  const [, inPath] =
    /^\/(?:feeds|blog\/[a-z]{1,20}|u\/\d\/blog\/[a-z]{1,20})\/(\d{5,25})(?:\/|$)/.exec(url.pathname) ?? [];
  const found = inPath ?? url.searchParams.get('blogID') ?? '';
  return number.test(found) ? found : undefined;
}

function atService(url: URL, target: string): Place {
  const id = numberIn(url);
  if (id === undefined) throw refused(target, 'it is a page of Blogger itself, not of a blog');
  return within(byNumber(id), labelIn(url.pathname));
}

const byNumber = (id: string): Place => ({
  feeds: `${service}/feeds/${id}`,
  site: null,
  words: `the blog ${id}`,
  name: `blogger-${id}`,
});

/** A page deep within it names the blog: only a label is a part that can be listed by itself. */
function onBlog(url: URL, target: string): Place {
  const [, name] = ofBlogspot.exec(url.hostname) ?? [];
  if (name === undefined && /(^|\.)blogspot\.[a-z.]{2,6}$/.test(url.hostname))
    throw refused(target, 'it is the address of a file, not of a blog');
  const host = name === undefined ? url.host : `${name}.blogspot.com`;
  const origin = name === undefined ? url.origin : `https://${host}`;
  const [, below = ''] = /^(.{0,1000}?)\/feeds\/(?:posts|pages)\//.exec(url.pathname) ?? [];
  const site = `${origin}${below.replace(/\/+$/, '')}`;
  const shown = `${host}${below}`;
  const place = { feeds: `${site}/feeds`, site, words: `the blog ${shown}`, name: asName(shown) };
  return within(place, labelIn(url.pathname));
}

const asName = (shown: string): string => shown.replace(/[^\w.-]+/g, '_');

function labelIn(path: string): string | undefined {
  const [, found] =
    /\/(?:search\/label|feeds\/(?:\d{5,25}\/)?posts\/[a-z]{1,10}\/-)\/([^/]{1,1000})/.exec(path) ?? [];
  try {
    return found && decodeURIComponent(found.replaceAll('+', ' '));
  } catch {
    return found; // a stray percent sign means itself
  }
}

function within(place: Place, label: string | undefined): Place {
  if (!label?.trim()) return place;
  return {
    ...place,
    label,
    words: `the label ${quoted(label, 100)} of ${place.words}`,
    name: `${place.name}-label-${word(label)}`,
  };
}

/** A label as part of a name; what a name cannot hold is told apart by a sum, for two labels are never one archive. */
function word(label: string): string {
  const plain = label.replace(/[^\p{L}\p{N}._-]+/gu, '_').slice(0, 60);
  return plain === label ? plain : `${plain}-${sumOfText('sha256', label).slice(0, 8)}`;
}

function refused(target: string, why: string): UsageError {
  const shown = /:\/\//.test(target) ? shownAddress(target.replace(/^blogger:/, '')) : quoted(target, 200);
  return new UsageError(
    `Blogger has nothing to list at ${shown}: ${why}. What can be named: a blog (fern.blogspot.com, blogger:fern, blogger: and its host or number), a label of it (fern.blogspot.com/search/label/Moss), a backup (blog.xml), or what Google Takeout gives.`,
  );
}
