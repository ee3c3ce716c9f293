import { UsageError } from '../../errors.ts';
import { quoted, shownAddress } from '../../shown.ts';
import { isAddress } from '../address.ts';
import { everyFile, firstText, kindOfEntry, withoutPrefix } from '../target.ts';

/** What a target names on Bluesky: an account by its handle or its lasting id, and perhaps one post of it. */
export interface Place {
  readonly actor: string;
  readonly key?: string;
}

export const isDid = (text: unknown): text is string =>
  typeof text === 'string' &&
  text.length <= 500 &&
  /^did:[a-z]{1,20}:[A-Za-z0-9._:%-]*[A-Za-z0-9._-]$/.test(text);

/** A host name of two parts at least, in small letters. */
export const isHandle = (text: unknown): text is string =>
  typeof text === 'string' &&
  text.length <= 253 &&
  /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/.test(text);

export const isKey = (text: unknown): text is string =>
  typeof text === 'string' && /^[A-Za-z0-9._:~-]{1,512}$/.test(text);

/** Without asking anybody, and only what can be nothing else. */
export function claimsBluesky(target: string): boolean {
  if (isAddress(target)) return URL.canParse(target) && isSite(new URL(target));
  if (/^(at:\/\/|did:(plc|web):)/.test(target)) return true;
  const isNamed = target.startsWith('@') && isHandle(target.slice(1).toLowerCase());
  return isNamed && kindOfEntry(target) === undefined;
}

const isSite = ({ hostname, pathname }: URL): boolean =>
  /^((www|staging)\.)?bsky\.app\.?$/.test(hostname) && pathname.startsWith('/profile/');

/** The export of an account, by what it begins with: the header of a CAR. */
export const claimsCar = (target: string): boolean => everyFile(target, isCar);

const isCar = (file: string): boolean =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the version is a number, as a byte.
  /^[\s\S]{1,4}(eroots[\s\S]{0,500}gversion\u0001|gversion\u0001eroots)/.test(firstText(file).slice(0, 600));

/** Also where it is no export, and opening it will say so. */
export const isCarPath = (path: string): boolean =>
  claimsCar(path) || /^[./~]/.test(path) || /\.car$/i.test(path);

/** Throws UsageError for what names nothing that could be listed. */
export function readTarget(target: string): Place {
  const text = withoutPrefix('bluesky', target).trim();
  const [actor = '', ...rest] = partsOf(text, target);
  const plain = actor.replace(/^@/, '');
  const known = plain.startsWith('did:') ? plain : plain.toLowerCase();
  if (!isDid(known) && !isHandle(known))
    throw refused(target, `${quoted(actor, 80)} is neither a handle nor an id`);
  if (rest.length === 0) return { actor: known };
  const [collection, key] = rest;
  if (rest.length !== 2 || collection !== 'post' || !isKey(key))
    throw refused(target, 'it is a page of an account that lists no posts');
  return { actor: known, key };
}

/** The account, and what is named of it. */
function partsOf(text: string, target: string): readonly string[] {
  if (text.startsWith('at://')) {
    const [actor = '', collection, ...key] = text.slice(5).split('/').filter(Boolean);
    if (collection === undefined) return [actor];
    return [actor, collection === 'app.bsky.feed.post' ? 'post' : collection, ...key];
  }
  if (!isAddress(text)) return text.split('/').filter(Boolean);
  if (!URL.canParse(text)) throw refused(target, 'it is no address');
  const [first, ...parts] = new URL(text).pathname.split('/').filter(Boolean);
  if (first !== 'profile') throw refused(target, 'it is not the page of an account');
  return parts.map(decodedPart);
}

function decodedPart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // a stray percent sign means itself
  }
}

/** As part of the name of an archive. */
export const wordOf = (text: string): string => text.replace(/[^\w.-]+/g, '-').slice(0, 200);

/** What its archive is called; null of an account that is named by its id, which a directory has to be asked about. */
export const nameOfPlace = ({ actor, key }: Place): string | null =>
  isDid(actor) ? null : nameWith(actor, key);

export const nameWith = (name: string, key?: string): string =>
  key === undefined ? wordOf(name) : `${wordOf(name)}-${wordOf(key)}`;

function refused(target: string, why: string): UsageError {
  const shown = isAddress(target) ? shownAddress(target) : quoted(target, 200);
  return new UsageError(
    `Bluesky has nothing to list at ${shown}: ${why}. What can be named: an account (bluesky:fern.example, https://bsky.app/profile/fern.example, or its id, did:plc:…), a post of it (its address), an export (a .car file).`,
  );
}
