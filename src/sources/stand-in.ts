import { AuthError, type OxbowError, SourceError } from '../errors.ts';
import { shownAddress } from '../shown.ts';
import { shownWordsOf } from './words.ts';

/** What a server answers with, in good order, in place of the page that was asked for. */
export interface StandIn {
  /** Closed is closed to all who are not known; a challenge may be gone tomorrow; a leftover says that the site is. */
  readonly kind: 'closed' | 'challenge' | 'leftover';
  /** The rest of a sentence: "its server answers with …". */
  readonly what: string;
}

interface Seen {
  readonly asked: string;
  /** The address that answered. */
  readonly url: string;
  readonly headers: Readonly<Record<string, unknown>>;
  /** The page, or how it begins; empty where it was not read. */
  readonly html: string;
}

/** They are short, in words and in markup: a page of a blog that writes about one of them is neither. */
const [mostLetters, mostWords] = [2 ** 18, 1500];

/**
 * Is it a page that tests, a login, or what is left of a site? To be sure is what matters: a page that is taken for
 * one of them by mistake is lost, so each is known by what no page of a blog has, and in doubt it is none.
 */
export function standIn({ asked, url, headers, html }: Seen): StandIn | undefined {
  if (headers['cf-mitigated'] === 'challenge') return challenge;
  if (url !== asked && isLoginAddress(url) && !isLoginAddress(asked)) return login;
  if (html === '' || html.length > mostLetters) return undefined;
  const words = shownWordsOf(html);
  if (words.length > mostWords) return undefined;
  const title = /<title[^>]{0,200}>([^<]{0,200})/i.exec(html)?.[1]?.trim() ?? '';
  if (challenges.test(title) || marks.some((mark) => html.includes(mark) && !words.includes(mark)))
    return challenge;
  if (logins.test(title) && password.test(html)) return login;
  if (pauses.test(title) || pauses.test(words.slice(0, 200))) return pause;
  return leftovers.test(title) || sales.test(words) ? leftover : undefined;
}

const challenge: StandIn = {
  kind: 'challenge',
  what: 'a page that tests whether a person asks (a challenge)',
};
const login: StandIn = { kind: 'closed', what: 'a page to log in' };
const pause: StandIn = { kind: 'challenge', what: 'a page that says that it is being maintained' };
const leftover: StandIn = {
  kind: 'leftover',
  what: 'a page of whoever sells or hosts the domain, as if there were no site any more',
};

const challenges =
  /^(just a moment\.\.\.|attention required! \| cloudflare|vercel security checkpoint|one moment, please\.\.\.|making sure you.{1,6}re not a bot!|ddos-guard|verifying you are human\.?|checking your browser\b.{0,60})$/i;
/** In the markup of challenges, and of nothing else that their makers put into a page. */
const marks = [
  '_cf_chl_opt',
  'cf-browser-verification',
  '/.within.website/x/cmd/anubis/',
  'captcha-delivery.com',
  'sucuri_cloudproxy_js',
  'gokuProps',
  '/.well-known/ddos-guard/js-challenge',
  '/.well-known/sgcaptcha/',
  'id="px-captcha"',
];

const isLoginAddress = (address: string): boolean =>
  /\/(wp-login\.php|log[-_]?in|sign[-_]?in|sso|auth|authorize)(\.\w{1,5})?\/?$/i.test(
    new URL(address).pathname,
  );
const logins =
  /(^|[^\w-])(log ?in|log on|sign ?in|anmelden|anmeldung|einloggen|connexion|iniciar sesi\S{1,8}n)([^\w-]|$)/i;
const password = /<input\b[^>]{0,300}\btype\s{0,3}=\s{0,3}["']?password/i;

const pauses =
  /^(briefly unavailable for scheduled maintenance|(site |under |scheduled )?maintenance( mode)?$|down for maintenance)/i;

const leftovers =
  /^(account suspended|welcome to nginx!|apache2 (ubuntu |debian )?default page.{0,40}|iis windows( server)?|default web site page|domain (default page|parking|parked|expired))$/i;
const sales =
  /\b(buy this domain|(domain( name)?|website|[\w-]+\.[a-z]{2,10}) (is|may be) (now )?(for sale|parked)|parked free|domain (name )?(has|is) expired|diese domain (steht|kann)\b.{0,40}(verkauf|gekauft|erworben)|this account has been suspended)/i;

/** In place of all of a site it ends the run: with words that say what can be done. */
export function inPlaceOfSite({ kind, what }: StandIn, address: string, also = ''): OxbowError {
  const url = shownAddress(address);
  const said = `${url} cannot be listed: its server answers with ${what}.${also}`;
  if (kind === 'leftover')
    return new SourceError(
      `${said} wayback: and its host lists what a web archive holds of it. Where it is the site after all, -o sources.site.asIs=true takes it.`,
      { url },
    );
  return new AuthError(
    `${said} ${kind === 'closed' ? 'Give the cookies of a browser that is logged in (--cookies FILE).' : 'Open it in a browser, and give the cookies and the name of that (--cookies FILE --user-agent TEXT), or try again later.'}`,
  );
}

/** A site that refuses to show itself. */
export const closedSite = (address: string, status: number, also = ''): AuthError =>
  new AuthError(
    `${shownAddress(address)} is closed: its server answers ${status}.${also} Give a cookie (--cookies FILE) or a header (--header) that opens it.`,
  );

/** A domain that is let go leads to strangers: what is no part of the same host is archived by its own name alone. */
export function strayed({
  target,
  url,
}: {
  readonly target: string;
  readonly url: string;
}): SourceError | undefined {
  const [asked, answered] = [target, url].map((one) => `.${new URL(one).hostname}`) as [string, string];
  if (asked.endsWith(answered.replace(/^\.www\./, '.')) || answered.endsWith(asked.replace(/^\.www\./, '.')))
    return undefined;
  const to = shownAddress(url);
  return new SourceError(
    `${shownAddress(target)} leads to another host: name ${to} if that is what you mean.`,
    { url: to },
  );
}
