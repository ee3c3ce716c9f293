import { UsageError } from '../../errors.ts';
import { quoted, shownAddress } from '../../shown.ts';
import { sumOfText } from '../../sums.ts';
import { isAddress } from '../address.ts';
import { withoutPrefix } from '../target.ts';

/** What of Tumblr a target names. */
export interface Place {
  readonly kind: 'blog' | 'tag of blog' | 'post' | 'likes' | 'tagged';
  /** As the API takes it: a host, or `t:` and a lasting id; null of a tag over all of Tumblr. */
  readonly blog: string | null;
  /** Where the blog itself lies, without a slash at the end; null where the target does not tell. */
  readonly site: string | null;
  readonly tag?: string;
  readonly id?: string;
  /** What its archive is called. */
  readonly name: string;
}

type Blog = Pick<Place, 'site'> & { readonly blog: string; readonly name: string };
/** What of a blog a path names; a text says why it names nothing. */
type Part = Pick<Place, 'kind' | 'tag' | 'id'> | string;

const longest = 2048;
const nameOfBlog = /^[a-z0-9-]{1,32}$/;
const lastingId = /^t:[\w-]{4,64}$/;

/** Hosts of Tumblr's own that hold files and are no blogs. */
const files = new Set('media assets static api a va ve vt vs vtt data px embed srvcs secure'.split(' '));
/** The first word of an address of www.tumblr.com that is no blog's name. */
const own = new Set(
  `about abuse account activity app apps blaze business buttons changes communities customize dashboard developers docs
  domains explore following help inbox jobs jump liked likes live login logo logout lookup mega-editor messaging new oauth
  patio picks policy popular press privacy radar reblog register search security settings share svc tagged themes tips today
  tos trending tumblrmart upload widgets`.split(/\s+/),
);

/** Is it an address of Tumblr's, of a blog or not? What holds nothing but files is none. */
export function claimsTumblr(target: string): boolean {
  if (target.startsWith('tumblr:') || lastingId.test(target)) return true;
  const url = addressIn(target, { isTumblr: true });
  return url !== undefined && !isFile(url);
}

/** The place of a target, with or without the prefix; a host that is not Tumblr's is taken for a blog's own. */
export function readTarget(target: string): Place {
  const text = withoutPrefix('tumblr', target).trim();
  if (text.length > longest) throw refused(target, 'it is too long');
  const [, what, rest = ''] = /^(likes|tag):(.+)$/s.exec(text) ?? [];
  if (what === 'tag') return tagged(rest, target);
  if (what === 'likes') return within(blogOf(rest, target), { kind: 'likes' });
  if (lastingId.test(text) || nameOfBlog.test(text.toLowerCase()))
    return within(blogOf(text, target), { kind: 'blog' });
  const url = addressIn(text, { isTumblr: false });
  if (url === undefined) throw refused(target, 'it is neither the name nor the address of a blog');
  if (isFile(url)) throw refused(target, 'it is the address of a file, not of a blog');
  if (isShort(url))
    throw refused(target, 'it is a short link; open it, and name the address that it leads to');
  return isOnWww(url) ? onWww(partsOf(url), target) : onBlog(blogAt(url), partsOf(url), target);
}

function blogOf(text: string, target: string): Blog {
  if (lastingId.test(text)) return { blog: text, site: null, name: `tumblr-${text.slice(2)}` };
  if (nameOfBlog.test(text.toLowerCase())) return named(text, target);
  const { blog, site, name, kind } = readTarget(text);
  if (blog === null || kind !== 'blog') throw refused(target, 'it names no blog');
  return { blog, site, name };
}

function named(text: string, target: string): Blog {
  const name = text.toLowerCase().replace(/^@/, '');
  if (!nameOfBlog.test(name) || name === 'www' || files.has(name))
    throw refused(target, `${quoted(text, 80)} is not the name of a blog`);
  const host = `${name}.tumblr.com`;
  return { blog: host, site: `https://${host}`, name: host };
}

function blogAt({ hostname, host, origin, port }: URL): Blog {
  const plain = hostname.replace(/\.$/, '').replace(/^www\.(?=[a-z0-9-]+\.tumblr\.com$)/, '');
  if (plain.endsWith('.tumblr.com')) return { blog: plain, site: `https://${plain}`, name: plain };
  return { blog: port === '' ? plain : host, site: origin, name: host.replace(/[^\w.-]+/g, '_') };
}

/** An address, with its scheme or without. */
function addressIn(text: string, { isTumblr }: { readonly isTumblr: boolean }): URL | undefined {
  if (text.length > longest) return undefined;
  const address = isAddress(text) ? text : `https://${text}`;
  const isBare = !isAddress(text) && !/^[^\s/\\?#:@]+\.[a-z0-9-]+\.?(:\d{1,5})?([/?#]|$)/i.test(text);
  const url = !isBare && URL.canParse(address) ? new URL(address) : undefined;
  return url && (!isTumblr || isTumblrs(url) || isShort(url)) ? url : undefined;
}

const isTumblrs = ({ hostname }: URL): boolean => /(^|\.)tumblr\.com\.?$/.test(hostname);
const isShort = ({ hostname }: URL): boolean => hostname === 'tmblr.co' || hostname === 'at.tumblr.com';

const isOnWww = ({ hostname }: URL): boolean => /^((www|m)\.)?tumblr\.com\.?$/.test(hostname);

function isFile(url: URL): boolean {
  if (!isTumblrs(url)) return false;
  if (isOnWww(url)) return /^\/(photo|video_file|audio_file)\//.test(url.pathname);
  const labels = url.hostname
    .replace(/^www\.|\.$/g, '')
    .split('.')
    .slice(0, -2);
  return labels.length > 1 || files.has(labels[0]!);
}

/** The parts of a path as they are meant. */
function partsOf({ pathname }: URL): readonly string[] {
  return pathname
    .replaceAll('+', ' ')
    .split('/')
    .filter(Boolean)
    .map((part) => {
      try {
        return decodeURIComponent(part);
      } catch {
        return part; // a stray percent sign means itself
      }
    });
}

function onWww(parts: readonly string[], target: string): Place {
  const [first = '', second = '', third = ''] = parts.map((part) => part.toLowerCase());
  if (first === 'tagged' && second !== '') return tagged(parts[1]!, target);
  if (first === 'liked' && second === 'by' && third !== '')
    return within(named(third, target), { kind: 'likes' });
  const skipped =
    first === 'blog' ? (second === 'view' ? 2 : 1) : first === 'dashboard' && second === 'blog' ? 2 : 0;
  const [name, ...rest] = parts.slice(skipped);
  if (name === undefined || (skipped === 0 && own.has(first)))
    throw refused(target, 'it is a page of Tumblr itself, not of a blog');
  return onBlog(named(name, target), rest, target);
}

/** What is there of a blog at a path. */
function onBlog(blog: Blog, parts: readonly string[], target: string): Place {
  const part = partAt(parts);
  if (typeof part === 'string') throw refused(target, part);
  return within(blog, part);
}

/** Lists that hold what the blog itself holds: there is nothing of their own in them. */
const wholes = new Set(['archive', 'page', 'rss', 'mobile']);

function partAt(parts: readonly string[]): Part {
  const [first = '', second = ''] = parts;
  const word = first.toLowerCase();
  if (word === '' || wholes.has(word)) return { kind: 'blog' };
  if (word === 'likes') return { kind: 'likes' };
  if (word === 'tagged' && second !== '') return { kind: 'tag of blog', tag: second };
  const id = ['post', 'image', 'private'].includes(word) ? second : first;
  if (/^\d{1,20}$/.test(id)) return { kind: 'post', id };
  return 'it names a page of the blog that lists no posts; name the blog itself';
}

function within(blog: Blog, part: Exclude<Part, string>): Place {
  const endings = { blog: '', tagged: '', likes: '-likes', post: `-${part.id}` };
  const ending = part.kind === 'tag of blog' ? `-tagged-${word(part.tag!)}` : endings[part.kind];
  return { ...blog, ...part, name: `${blog.name}${ending}` };
}

function tagged(text: string, target: string): Place {
  const tag = text.trim().replace(/^#/, '');
  if (tag === '') throw refused(target, 'it names no tag');
  return { kind: 'tagged', blog: null, site: null, tag, name: `tumblr-tagged-${word(tag)}` };
}

/** A tag as part of a name; what a name cannot hold is told apart by a sum, for two tags are never one archive. */
function word(tag: string): string {
  const same = tag.toLowerCase(); // as Tumblr sees it
  const plain = same.replace(/[^\p{L}\p{N}._-]+/gu, '_').slice(0, 60);
  return plain === same ? plain : `${plain}-${sumOfText('sha256', same).slice(0, 8)}`;
}

function refused(target: string, why: string): UsageError {
  const shown = /:\/\//.test(target) ? shownAddress(target.replace(/^tumblr:/, '')) : quoted(target, 200);
  return new UsageError(
    `Tumblr has nothing to list at ${shown}: ${why}. What can be named: a blog (staff.tumblr.com, or tumblr:staff), a tag of it (staff.tumblr.com/tagged/word), a post, its likes (tumblr:likes:staff), a tag over all of Tumblr (tumblr:tag:word).`,
  );
}
