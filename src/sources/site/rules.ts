import { createRequire } from 'node:module';
import type robots from 'robots-parser';
import { normalise } from '../address.ts';

const require = createRequire(import.meta.url);
const parse = require('robots-parser') as typeof robots.default;

/** By which name a robots.txt tells us what we may ask for. */
export const token = 'oxbow';

/** What the robots.txt of an origin says to us. */
export interface Rules {
  allows(url: string): boolean;
  /** Seconds between two requests that it asks for. */
  readonly delay: number;
  /** Absolute addresses, as they stand there. */
  readonly sitemaps: readonly string[];
}

export const free: Rules = { allows: () => true, delay: 0, sitemaps: [] };
export const closed: Rules = { allows: () => false, delay: 0, sitemaps: [] };

/** Rules with stars take time by their length for each address: beyond so many letters they are cut at the star. */
const mostStarred = 16_384;
const longest = 2048;
const mostSitemaps = 1000;

/** The rules in the text of a robots.txt (RFC 9309); `address` is where it stands. */
export function readRules(text: string, address: string): Rules {
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\r|\n/);
  const robots = parse(address, tidied(lines).join('\n'));
  const delay = robots.getCrawlDelay(token) ?? 0;
  return {
    allows: (url) => robots.isAllowed(octets(url), token) !== false,
    delay: delay > 0 ? delay : 0,
    sitemaps: lines.flatMap((line) => sitemapIn(line, address)).slice(0, mostSitemaps),
  };
}

/** Only lines that make groups, each as the parser takes it: names by their token, rules of bounded length. */
function tidied(lines: readonly string[]): readonly string[] {
  let starred = 0;
  return lines.flatMap((line) => {
    const [, name = '', text = ''] =
      /^\s*(user-agent|allow|disallow|crawl-delay)\s*:([^#]*)/i.exec(line) ?? [];
    const value = text.trim();
    if (name === '') return [];
    if (/^user-agent$/i.test(name))
      return [`user-agent: ${/^(\*|[a-z_-]+)/i.exec(value)?.[0] ?? value.slice(0, 100)}`];
    if (/^crawl-delay$/i.test(name)) return [`crawl-delay: ${value.slice(0, 20)}`];
    if (value.includes('*')) starred += value.length;
    const rule = bounded(octets(value), starred > mostStarred);
    const isCut = rule.length < octets(value).length;
    return isCut && /^allow$/i.test(name) ? [] : [`${name}: ${rule}`]; // what is cut forbids more, and allows nothing
  });
}

const bounded = (rule: string, isPlain: boolean): string =>
  (isPlain && rule.includes('*') ? rule.slice(0, rule.indexOf('*')) || '/' : rule).slice(0, longest);

/** Letters that mean the same with and without their percent sign are written without. */
const octets = (text: string): string =>
  text.replace(/%([2-7][\da-f])/gi, (escaped, hex: string) => {
    const letter = String.fromCharCode(Number.parseInt(hex, 16));
    return /[\w.~-]/.test(letter) ? letter : escaped;
  });

function sitemapIn(line: string, address: string): readonly string[] {
  const [, given] = /^\s{0,20}sitemap\s{0,20}:\s{0,20}(\S{1,2000})/i.exec(line) ?? [];
  const url = given === undefined ? undefined : normalise(given, address);
  return url === undefined ? [] : [url];
}
