import { isAddress, nameOfAddress } from '../address.ts';
import type { Source } from '../source.ts';
import { everyFile, firstText, nameOfFiles, withoutPrefix } from '../target.ts';
import { feedAddress } from './ask.ts';
import { isBackup, lookAtStart } from './look.ts';
import { settings } from './settings.ts';

/** RSS, Atom and JSON Feed: at an address, behind a page that names its feed, or on the disk. */
export const feed: Source = {
  name: 'feed',
  takes: 'a feed (RSS, Atom, JSON Feed): its address, a page that names it, or a file',
  settings,
  breadth: 'format',
  claims: (target) =>
    /^feed:\/\//i.test(target) ||
    isNamedFeed(target) ||
    (!isAddress(target) && everyFile(target, isFeedFile)),
  async recognises(sight, context) {
    const { recogniseFeed } = await import('./discover.ts');
    return recogniseFeed(sight, context);
  },
  nameOf: (target) => nameOfFeed(target),
  async open(target, context, sight) {
    const { openFeed } = await import('./open.ts'); // loaded by whoever needs it
    return openFeed(target, context, sight);
  },
};

/** What others would take for any JSON. */
const isNamedFeed = (target: string): boolean =>
  isAddress(target) && URL.canParse(target) && /\/feed\.json$/i.test(new URL(target).pathname);

function isFeedFile(file: string): boolean {
  const start = firstText(file);
  return lookAtStart(start) !== undefined && !isBackup(start);
}

/** What says no more than that it is a feed is no part of a name. */
const generic = /\/(?:feed|rss2?|atom|index|feeds\/posts\/default|rss\/news)(?:\.\w{1,5})?\/?$/i;

export function nameOfFeed(target: string): string | null {
  const place = feedAddress(target);
  if (!isAddress(place)) return nameOfFiles(withoutPrefix('feed', target));
  if (!URL.canParse(place)) return null;
  const url = new URL(place);
  url.pathname = url.pathname.replace(generic, '/');
  return nameOfAddress(url.href);
}
