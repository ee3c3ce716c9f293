import { UsageError } from '../../errors.ts';
import { quoted } from '../../shown.ts';
import { isAddress, nameOfAddress } from '../address.ts';
import { kindOfEntry, nothingAt } from '../target.ts';

/** `blog.example`, `blog.example/news`, or an address. */
export function addressOf(place: string): string {
  if (kindOfEntry(place) !== undefined || /^[./~]/.test(place)) {
    if (kindOfEntry(place) === undefined) throw nothingAt(place);
    throw new UsageError(
      `${quoted(place)} is no export of Ghost: it does not begin as the JSON of one does.`,
    );
  }
  const address = siteOf(place);
  if (address !== undefined) return address;
  throw new UsageError(
    `${quoted(place, 200)} names no site; ghost: takes a host, such as ghost:blog.example.`,
  );
}

export function nameOfSite(place: string): string | null {
  const address = siteOf(place);
  return address === undefined ? null : nameOfAddress(address);
}

function siteOf(place: string): string | undefined {
  const address = isAddress(place) ? place : `https://${place}`;
  if (place === '' || place.includes(' ') || !URL.canParse(address)) return undefined;
  const url = new URL(address);
  url.hash = url.username = url.password = '';
  return url.href;
}
