import type { Kind, MediaItem } from '../model.ts';
import { type Link, parseLinks } from '../net/link-format.ts';
import type { Ask, IndexAnswer } from './ask.ts';
import { type Capture, isTimestamp, LONGEST, timestampOf, WebArchiveError } from './capture.ts';
import { type Found, lanesOf, type WebArchive } from './web-archive.ts';

/** Pages of one TimeMap that are read. */
const MOST_PAGES = 5;

/**
 * Any web archive that speaks Memento (RFC 7089), with its addresses where the Internet Archive and pywb have them:
 * the TimeMap at `/timemap/link/<address>`, the TimeGate at `/<address>` below the base.
 */
export function mementoArchive(name: string, base: string): WebArchive {
  const lanes = lanesOf(name);
  const proven = { maps: false, gate: false };
  const timeMap = (url: string) => `${base}/timemap/link/${url}`;
  return {
    name,
    bases: [base],
    lanes,
    keyOf: (url) => url.replace(/#.*$/s, ''),
    question: timeMap,
    async find(url, item, ask) {
      const about: About = { url, lane: lanes.index, proven, ask };
      return (await listed(about, timeMap(url))) ?? negotiated(about, `${base}/${url}`, item);
    },
    rawAt,
  };
}

interface About {
  /** The address whose captures are wanted. */
  readonly url: string;
  readonly lane: string;
  /** What of Memento the archive has shown in this run that it speaks: then its 404 means that it has no capture. */
  readonly proven: { maps: boolean; gate: boolean };
  readonly ask: Ask;
}

/** The captures that a TimeMap lists, page by page; undefined where there is no TimeMap, which may not mean no capture. */
async function listed(about: About, first: string): Promise<Found | undefined> {
  const captures: Capture[] = [];
  const named = new Set([first]);
  const read = new Set<string>();
  for (const page of pagesToAsk(named)) {
    const map = page === first ? await pageOf(about, page) : await further(about, page);
    if (map === 'none') {
      if (page === first) return about.proven.maps ? { captures } : undefined;
      continue;
    }
    about.proven.maps = true;
    read.add(page);
    captures.push(...map.captures);
    for (const uri of map.further) named.add(uri);
  }
  const unread = named.size - read.size;
  return unread === 0
    ? { captures }
    : { captures, partial: `pages of its TimeMap that were not read: ${unread}` };
}

/** As they are named, but not for ever, and on one host alone: what a TimeMap names elsewhere is not ours to ask. */
function* pagesToAsk(named: ReadonlySet<string>): Generator<string> {
  let [left, host] = [MOST_PAGES, ''];
  for (const page of named) {
    if (left === 0) return;
    const own = URL.canParse(page) ? new URL(page).host : undefined;
    host ||= own ?? '';
    if (own !== host) continue;
    left--;
    yield page;
  }
}

interface Page {
  readonly captures: readonly Capture[];
  /** Addresses of other pages of the same TimeMap. */
  readonly further: readonly string[];
}

async function pageOf({ url, lane, ask }: About, page: string): Promise<Page | 'none'> {
  const links = await ask({ url: page, lane }, readTimeMap);
  if (links === 'none') return links;
  return { captures: capturesIn(links, url), further: links.filter(isFurtherPage).map(({ uri }) => uri) };
}

/** What became of one page says nothing about the others. */
const further = (about: About, page: string): Promise<Page | 'none'> =>
  pageOf(about, page).catch((error) => {
    if (error instanceof WebArchiveError) return 'none';
    throw error;
  });

function readTimeMap({ status, headers, url, text }: IndexAnswer): Link[] | 'none' | undefined {
  if (isAbsence(status)) return 'none';
  if (status !== 200) return undefined;
  const links = parseLinks(text);
  const isTimeMap = links?.some(({ rel }) => rel.some((one) => /^(original|timegate|memento)$/.test(one)));
  const isSaidToBe = /link-format/.test(headers['content-type'] ?? '');
  const isSound = isTimeMap || (isSaidToBe && text.trim() !== '');
  return isSound ? links?.map((link) => ({ ...link, uri: absolute(link.uri, url) })) : undefined;
}

/** As it is written where it can be: to read it as an address and write it again may change what stands in it. */
const absolute = (uri: string, base: string): string =>
  /^https?:/i.test(uri) || !URL.canParse(uri, base) ? uri : new URL(uri, base).href;

const isFurtherPage = ({ rel, params }: Link): boolean =>
  rel.includes('timemap') &&
  !rel.includes('self') &&
  (params.has('from') || params.has('until') || rel.includes('next'));

/** A TimeMap whose captures are all of no known day, or lie nowhere, does not say that there are none. */
function capturesIn(links: readonly Link[], original: string): Capture[] {
  const mementos = links.filter(({ rel }) => rel.includes('memento'));
  const captures = mementos.map((link) => captureOf(link, original));
  if (captures.length > 0 && !captures.some((capture) => isTimestamp(capture.timestamp) && capture.uri))
    throw new WebArchiveError('a TimeMap without a single capture that one can ask for');
  return captures;
}

function captureOf({ uri, params }: Link, original: string): Capture {
  const timestamp = timestampOf(params.get('datetime')) ?? '-';
  const unknown = { mimetype: '-', statuscode: '-', digest: '-' };
  return { timestamp, original, ...unknown, ...(/^https?:/.test(uri) && { uri }) };
}

/** What a TimeGate leads to: one capture, the nearest to the day of the post. */
async function negotiated(
  { url, lane, proven, ask }: About,
  timeGate: string,
  { date }: Pick<MediaItem, 'date'>,
): Promise<Found> {
  const headers = { 'accept-datetime': new Date(date ?? Date.now()).toUTCString() };
  return ask({ url: timeGate, lane, headers, headOnly: true }, ({ status, headers, url: uri }) => {
    const timestamp = timestampOf([headers['memento-datetime']].flat()[0]);
    if (timestamp !== undefined) {
      proven.gate = true;
      const mimetype = headers['content-type']?.replace(/;.*$/s, '').trim() || '-';
      const nearest = { timestamp, original: url, mimetype, statuscode: String(status), digest: '-', uri };
      return { captures: [nearest], partial: 'its TimeGate names one capture alone' };
    }
    if (!isAbsence(status)) return undefined;
    if (proven.gate || proven.maps || showsMemento(headers)) return { captures: [] };
    throw new WebArchiveError(`status ${status}, and no sign of Memento in the answer`);
  });
}

const isAbsence = (status: number): boolean => status === 404 || status === 410;

/** A server that knows nothing of Memento has no say in what was captured: its address may be a wrong one. */
const showsMemento = (headers: IndexAnswer['headers']): boolean =>
  /accept-datetime/i.test(headers.vary ?? '') ||
  /\b(timegate|timemap|original|memento)\b/.test(String(headers.link ?? '')) ||
  /link-format/.test(headers['content-type'] ?? '') ||
  headers['x-memento-count'] !== undefined;

/**
 * Most archives put the time before the address, and `id_` between them asks for the bytes as captured. Those that do
 * not know it are asked plainly, but only for what is never rewritten.
 */
export function rawAt({ uri }: Capture, kind: Kind): readonly string[] {
  if (uri === undefined || uri.length > LONGEST) return [];
  const at = /\/\d{14}(?:[a-z]{2}_)?\/(?=[a-z]+:|[^/]+\.)/.exec(uri);
  if (!at) return [uri];
  const raw = `${uri.slice(0, at.index + 15)}id_/${uri.slice(at.index + at[0].length)}`;
  return kind === 'file' || raw === uri ? [raw] : [raw, uri];
}
