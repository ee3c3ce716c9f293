import { isTumblr } from './sizes.ts';

/** Other addresses under which the same thing may have been captured, the likeliest first. Pure. */
export function twinsOf(url: string): string[] {
  if (url.length > LONGEST || !URL.canParse(url)) return [];
  const kin = families.flatMap((family) => family(new URL(url)));
  return [...new Set(kin)].filter((twin) => twin !== url);
}

const LONGEST = 4096;

type Family = (url: URL) => string[];

/** Queries are stamps of time, sizes and signatures more often than names. */
const withoutQuery: Family = (url) => (url.search ? [url.origin + url.pathname] : []);

/** What a service re-encoded for browsers, and what it was made of. */
const encodings: readonly (readonly [string, string])[] = [
  ['.pnj', '.png'],
  ['.png', '.pnj'],
  ['.gifv', '.gif'],
  ['.gif', '.gifv'],
];

/** Only where such things are made: a guess costs a question. */
const otherEncoding: Family = (url) => {
  const found = encodings.find(([from]) => url.pathname.toLowerCase().endsWith(from));
  const isGuess = found && (found[0] === '.png' || found[0] === '.gif');
  if (!found || (isGuess && !isTumblr(url))) return [];
  return [withPath(url, url.pathname.slice(0, -found[0].length) + found[1])];
};

/** Widths that old Tumblr pictures were kept in, the largest first. */
const widths = [1280, 540, 500, 400, 250];
const width = /^(.*\/tumblr_[^/]*_)(\d{3,4})(\.[a-z]+)$/i;

function sizes(url: URL, isWanted: (size: number, own: number) => boolean): string[] {
  const [, before, own, after] = (isTumblr(url) && width.exec(url.pathname)) || [];
  if (own === undefined) return [];
  return widths
    .filter((size) => isWanted(size, Number(own)))
    .map((size) => withPath(url, `${before}${size}${after}`));
}

const larger: Family = (url) => sizes(url, (size, own) => size > own);
const smaller: Family = (url) => sizes(url, (size, own) => size < own);

/** All hosts of this service held one file; these are the ones that crawlers met most. */
const hosts = ['64.media.tumblr.com', 'media.tumblr.com', '66.media.tumblr.com'];
const otherHost: Family = (url) => (isTumblr(url) ? hosts.map((host) => withHost(url, host)) : []);

/** `name-300x200.jpg` and `name-scaled.jpg` were made of `name.jpg`. */
const wordPress: Family = (url) => {
  const made = /^(.*\/[^/]+?)-(?:\d{1,5}x\d{1,5}|scaled)(\.[a-z]{3,4})$/i.exec(url.pathname);
  return made ? [withPath(url, `${made[1]}${made[2]}`)] : [];
};

/** `i0.wp.com/host/path` shows what lies at `host/path`, and lies at `i1` and `i2` too. */
const wrapped: Family = (url) => {
  if (!/^i[0-3]\.wp\.com$/.test(url.hostname)) return [];
  const inner = `https:/${url.pathname}`;
  return URL.canParse(inner) && new URL(inner).hostname.includes('.') ? [inner] : [];
};

const wrapper: Family = (url) =>
  url.pathname.includes('/wp-content/uploads/') && !/\.wp\.com$/.test(url.hostname)
    ? [`https://i0.wp.com/${url.host}${url.pathname}`]
    : [];

/** For archives that take these for two addresses; the others see no difference, and are asked once. */
const otherScheme: Family = (url) => {
  if (url.port !== '') return [];
  const twin = new URL(url);
  twin.protocol = url.protocol === 'https:' ? 'http:' : 'https:';
  return [twin.href];
};

const otherName: Family = (url) => {
  const { hostname } = url;
  if (hostname.startsWith('www.')) return [withHost(url, hostname.slice(4))];
  return /^[a-z\d-]+\.[a-z]{2,}$/i.test(hostname) ? [withHost(url, `www.${hostname}`)] : [];
};

const families: readonly Family[] = [
  otherScheme,
  withoutQuery,
  wrapped,
  wordPress,
  larger,
  otherHost,
  otherEncoding,
  otherName,
  wrapper,
  smaller,
];

/** A query belonged to the name that it was found with. */
function withPath(url: URL, path: string): string {
  const twin = new URL(url);
  twin.search = '';
  twin.pathname = path;
  return twin.href;
}

function withHost(url: URL, host: string): string {
  const twin = new URL(url);
  twin.hostname = host;
  return twin.href;
}
