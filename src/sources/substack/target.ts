import { UsageError } from '../../errors.ts';
import { quoted } from '../../shown.ts';
import { isAddress, nameOfAddress } from '../address.ts';
import { kindOfEntry, nothingAt } from '../target.ts';

/** An address of Substack's own domain that is within a publication. */
export const isSubstack = (target: string): boolean =>
  isAddress(target) && baseOfAddress(target) !== undefined;

/** Where the publication is that a target names, without a slash at the end. */
export function readBase(place: string): string {
  const base = baseOf(place);
  if (base !== undefined) return base;
  if (kindOfEntry(place) !== undefined)
    throw new UsageError(
      `${quoted(place)} is no export of Substack: there is no posts.csv beside a folder posts in it.`,
    );
  if (/[/\\~]|^\.|\.zip$/i.test(place) && !isAddress(place)) throw nothingAt(place);
  throw new UsageError(
    `${quoted(place, 200)} names no publication; substack: takes its name or its host, such as substack:fern or substack:letters.example.`,
  );
}

export function nameOfPlace(place: string): string | null {
  const base = baseOf(place);
  return base === undefined ? null : nameOfAddress(base);
}

function baseOf(place: string): string | undefined {
  if (kindOfEntry(place) !== undefined) return undefined;
  if (/^[a-z\d][a-z\d-]{0,62}$/i.test(place)) return `https://${place.toLowerCase()}.substack.com`;
  const isHost = host.test(place) && !/\.(?:zip|csv|json|html?)$/i.test(place);
  const address = isAddress(place) ? place : isHost ? `https://${place}` : '';
  if (!URL.canParse(address)) return undefined;
  const { hostname, origin } = new URL(address);
  return /(^|\.)substack\.com$/.test(hostname) ? baseOfAddress(address) : origin;
}

const host = /^[a-z\d][a-z\d-]{0,62}(?:\.[a-z\d-]{1,63}){1,10}(?::\d{1,5})?(?:[/?#]|$)/i;

const notNames: ReadonlySet<string> = new Set([
  'www',
  'open',
  'api',
  'cdn',
  'support',
  'email',
  'mg1',
  'mg2',
]);

/** `https://fern.substack.com/…`, or the same publication as the reader's app has it. */
function baseOfAddress(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const { hostname, pathname } = new URL(address);
  const [, name] = /^([a-z\d][a-z\d-]{0,62})\.substack\.com$/.exec(hostname) ?? [];
  if (name !== undefined && !notNames.has(name)) return `https://${name}.substack.com`;
  const [, within] = /^\/pub\/([a-z\d][a-z\d-]{0,62})(?:\/|$)/i.exec(pathname) ?? [];
  return hostname === 'open.substack.com' && within
    ? `https://${within.toLowerCase()}.substack.com`
    : undefined;
}
