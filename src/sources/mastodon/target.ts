import { UsageError } from '../../errors.ts';
import { quoted } from '../../shown.ts';
import { isAddress } from '../address.ts';
import { withoutPrefix } from '../target.ts';

/** What a target names: an account, or one post. */
export interface Place {
  /** The server that is asked first, without a slash at the end. */
  readonly base: string;
  readonly user: string | null;
  /** The host that the account is at home on. */
  readonly domain: string;
  readonly post: string | null;
  /** What its archive is called. */
  readonly name: string;
}

/** `@user@host`, and nothing else: addresses are known by a look at them. */
export const claimsHandle = (target: string): boolean =>
  target.startsWith('@') && handleIn(target) !== undefined && /[.:]/.test(target);

export function readTarget(target: string): Place {
  const text = withoutPrefix('mastodon', target).trim();
  const place = isAddress(text) ? placeAt(text) : handleIn(text);
  if (place) return place;
  throw new UsageError(
    `${quoted(target, 200)} names neither an account nor a post: it takes @user@host, or the address of a profile or a post such as https://host/@user.`,
  );
}

const handle = /^@?([\w][\w.-]{0,199})@([^\s@/?#:]{1,253}(?::\d{1,5})?)$/;

function handleIn(text: string): Place | undefined {
  const [, user, host] = handle.exec(text.slice(0, 500)) ?? [];
  if (user === undefined || host === undefined || !URL.canParse(`https://${host}`)) return undefined;
  const { host: domain, origin } = new URL(`https://${host}`);
  return accountOf(origin, user, domain);
}

/** What an address names by its path alone; undefined where that is neither an account nor a post. */
export function placeAt(address: string): Place | undefined {
  if (!URL.canParse(address)) return undefined;
  const { origin, host, pathname } = new URL(address);
  const parts = pathname.split('/').filter(Boolean).slice(0, 8).map(plain);
  if (parts[0] === 'web' || parts[0] === 'deck') parts.shift();
  const [first = '', second, third, fourth] = parts;
  if (first.startsWith('@')) return ofUser(address, first.slice(1), second === 'statuses' ? third : second);
  if (first === 'users' && second !== undefined)
    return ofUser(address, second, third === 'statuses' ? fourth : undefined);
  if (first === 'profile' && second !== undefined) return ofUser(address, second);
  if (first === 'p' && isPost(third)) return postOf(origin, host, third);
  if ((first === 'notice' || first === 'notes') && isPost(second)) return postOf(origin, host, second);
  return undefined;
}

/** A bare name, as Pixelfed has it: anything may be called so. */
export function bareNameAt(address: string): Place | undefined {
  const { origin, host, pathname } = new URL(address);
  const [name, ...more] = pathname.split('/').filter(Boolean).map(plain);
  return name === undefined || more.length > 0 || !userForm.test(name)
    ? undefined
    : accountOf(origin, name, host);
}

const userForm = /^[\w][\w.-]{0,199}$/;

/** The account is best asked about at home: other servers have but what they came to hear of, and copies of its media. */
function ofUser(address: string, text: string, post?: string): Place | undefined {
  const { origin, host, protocol } = new URL(address);
  const [user = '', remote, more] = text.replace(/\.(?:rss|atom|json)$/i, '').split('@', 3);
  if (!userForm.test(user) || more !== undefined) return undefined;
  if (isPost(post)) return { ...postOf(origin, host, post), user };
  if (remote === undefined) return accountOf(origin, user, host);
  const home = handleIn(`${user}@${remote}`);
  return home && (home.domain === host ? { ...home, base: `${protocol}//${host}` } : home);
}

/** A page of the account, such as `media` or `with_replies`, has no digit in it. */
const isPost = (text: string | undefined): text is string =>
  text !== undefined && /^[A-Za-z0-9_-]{1,64}$/.test(text) && /\d/.test(text);

const accountOf = (base: string, user: string, domain: string): Place => ({
  ...{ base, user, domain, post: null },
  name: named(`${user}@${domain}`),
});

const postOf = (base: string, domain: string, post: string): Place => ({
  ...{ base, user: null, domain, post },
  name: named(`${domain}-${post}`),
});

export const named = (text: string): string => text.toLowerCase().replace(/[^\w.@-]+/g, '_');

function plain(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // then it names no account
  }
}

/** As it stands in sentences. */
export function inWords({ user, domain, post }: Place): string {
  const account = user === null ? domain : `@${user}@${domain}`;
  return post === null ? account : `the post ${quoted(post, 64)} on ${domain}`;
}
