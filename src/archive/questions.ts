import type { MediaItem } from '../model.ts';
import { isHandedOver } from '../net/hosts.ts';
import type { Ask } from './ask.ts';
import { choose } from './choose.ts';
import { chooseLargest, familyOf } from './sizes.ts';
import { twinsOf } from './twins.ts';
import type { Found, WebArchive } from './web-archive.ts';

/** Further addresses that are asked about where the first ones have nothing; a question may cost seconds. */
const MOST_TWINS = 6;

/** A question to an index, about one address or about all sizes of a picture, and which of its captures to take. */
export interface About {
  readonly question: string;
  /** How the addresses begin that it is about, where it is about more than one. */
  readonly family?: string;
  readonly choose: typeof choose;
  readonly find: (item: MediaItem, ask: Ask) => Promise<Found>;
}

/**
 * All sizes of a picture at once come first, for the largest may be one that nobody named. Where the index has told of
 * them, none of them is asked about by itself.
 */
export function* questionsOf(
  item: MediaItem,
  archive: WebArchive,
  hasToldOfAll: () => boolean,
): Generator<About> {
  const addresses = addressesOf(item, archive);
  const { below } = archive;
  const family = familyOf(addresses[0] ?? '');
  if (below && family !== undefined)
    yield {
      family,
      question: below.question(family),
      choose: chooseLargest,
      find: (_, ask) => below.find(family, ask),
    };
  const isLeft = (url: string) => !hasToldOfAll() || familyOf(url) !== family;
  for (const url of addresses.filter(isLeft).slice(0, 1 + MOST_TWINS))
    yield {
      question: archive.question(url),
      choose,
      find: (one, ask) => archive.find(url, one, ask),
    };
}

/**
 * Does this index know what it is to be asked for all addresses that begin alike? Once it has named captures of some it
 * does; until then, that it has none of others means nothing.
 */
export class Reach {
  #isProven = false;

  hasToldAll({ captures, partial }: Found): boolean {
    this.#isProven ||= captures.length > 0;
    return this.#isProven && partial === undefined;
  }
}

/**
 * What the web may have: its largest address, those that its source named, and what one can guess; one for each key of
 * the archive. None for what only the source can hand over.
 */
function addressesOf(
  { url, alternates, lesser = [], original }: MediaItem,
  { keyOf }: WebArchive,
): readonly string[] {
  const byKey = new Map<string, string>();
  const listed = [url, ...alternates, ...lesser].filter((address) => !isHandedOver(address));
  const named = [...(original ? [original.url] : []), ...listed];
  for (const address of [...named, ...twinsOf(listed[0] ?? '')].map(withoutLogin)) {
    const key = keyOf(address);
    if (!byKey.has(key)) byKey.set(key, address);
  }
  return [...byKey.values()];
}

/** What an address bore for its own host is nobody else's business. */
function withoutLogin(address: string): string {
  if (!URL.canParse(address)) return address;
  const url = new URL(address);
  if (!url.username && !url.password) return address;
  url.username = '';
  url.password = '';
  return url.href;
}
