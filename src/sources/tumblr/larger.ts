import { SourceError } from '../../errors.ts';
import type { Measure, MediaItem, Rendition } from '../../model.ts';
import { takeIn } from '../../net/body.ts';
import type { Answer } from '../../net/http.ts';
import { shownAddress } from '../../shown.ts';
import { normalise } from '../address.ts';
import { typeOf } from '../answer.ts';
import { endOf } from '../json-in-text.ts';
import { at, elements } from '../json-path.ts';
import { readValue, Unreadable } from '../json-stream.ts';
import type { SourceContext } from '../source.ts';
import { detached } from '../text.ts';
import { hostsOf, type OwnHosts, readMediaAddress } from './addresses.ts';
import { points } from './blocks.ts';

const MOST_BYTES = 4 * 2 ** 20;
/** Lists of pictures in one page, and pictures in one list: a page is about a single one, in ten sizes. */
const MOST_LISTS = 16;
const MOST_IMAGES = 1000;
/** Wider pictures than any service takes are a lie that would beat all others. */
const WIDEST = 100_000;

/**
 * Asks the page of a picture that may be reduced; undefined if it names nothing larger. Throws SourceError where it does
 * not say: there may be a larger one, and it is worth asking again another day.
 */
export function openLarger({ fetch }: Pick<SourceContext, 'fetch'>) {
  return async (item: MediaItem): Promise<Rendition | undefined> => {
    if (item.larger === undefined) return undefined;
    const answer = await fetch(item.larger, { accept: 'text/html', 'accept-encoding': 'identity' });
    if (answer.status === 404 || answer.status === 410) return letGo(answer);
    const sizes = sizesIn(await pageOf(answer), item);
    if (sizes.length === 0) throw unsaid(answer, 'it names none of its sizes');
    return largest(sizes, item);
  };
}

function letGo({ body }: Answer): undefined {
  body.destroy();
}

async function pageOf(answer: Answer): Promise<string> {
  const { status, body } = answer;
  const isPage = status === 200 && /^(text\/html|application\/xhtml\+xml)$/.test(typeOf(answer));
  if (!isPage) {
    letGo(answer);
    throw unsaid(answer, `it answers ${status === 200 ? typeOf(answer) || 'with no type' : status}`);
  }
  const { bytes, isWhole } = await takeIn(body, MOST_BYTES);
  if (!isWhole) throw unsaid(answer, 'it breaks off, or has no end');
  return bytes.toString('utf8');
}

function unsaid({ url }: Answer, why: string): SourceError {
  const shown = shownAddress(url);
  return new SourceError(`${shown} does not say which larger pictures there are: ${why}.`, { url: shown });
}

/** The largest that a page names of the same picture, if that is larger than what the item has. */
export const originalIn = (html: string, item: MediaItem): Rendition | undefined =>
  largest(sizesIn(html, item), item);

interface Image extends Measure {
  readonly url: string;
  /** Where the page says one: it may differ from that in the address. */
  readonly key: string | undefined;
  readonly isOriginal: boolean;
}

/** A page in trouble gives back the address at which it was asked, where no picture is. */
function sizesIn(html: string, { url, larger }: MediaItem): readonly Image[] {
  const own = hostsOf(larger ?? url); // whoever was taken for Tumblr when the item was listed
  const key = keyOf(larger ?? url, own);
  const isSame = (image: Image) =>
    (image.key ?? key) === key && keyOf(image.url, own) === key && image.url !== larger;
  return key === undefined ? [] : imagesIn(html).filter(isSame);
}

function largest(sizes: readonly Image[], item: MediaItem): Rendition | undefined {
  const [best] = sizes.toSorted((a, b) => area(b) - area(a) || Number(b.isOriginal) - Number(a.isOriginal));
  if (!best || isTwin(best.url, item.url)) return undefined;
  const { width, height } = sizes.find(({ url }) => isTwin(url, item.url)) ?? item;
  const isLarger = width && height ? area(best) > width * height : !item.alternates.includes(best.url);
  if (!isLarger) return undefined;
  return { url: detached(best.url), width: best.width, height: best.height };
}

/** The same size, but for its encoding: `.pnj` for `.png`. */
const isTwin = (one: string, other: string): boolean => withoutEnding(one) === withoutEnding(other);
const withoutEnding = (url: string): string => url.replace(/\.\w{1,8}$/, '');

const area = ({ width, height }: Measure): number => width * height;

/** What was cut, and stills, are no sizes of a picture. */
function keyOf(url: string, own: OwnHosts): string | undefined {
  const address = readMediaAddress(url, own);
  return address?.style === 'sized' && !address.isCropped ? address.key : undefined;
}

const NAME = '"imageResponse"';

/**
 * What the page's own state says of its pictures: the lists of this name, wherever they stand, for what is around them
 * has had several forms. What is no JSON has none.
 */
function imagesIn(html: string): readonly Image[] {
  if (html.length > MOST_BYTES) return [];
  const lists: (readonly Image[])[] = [];
  let from = html.indexOf(NAME);
  for (let met = 0; from >= 0 && met < MOST_LISTS; met++) {
    const start = beginOf(html, from + NAME.length);
    const end = start === undefined ? undefined : endOf(html, start);
    if (start !== undefined && end === undefined) break; // nor has anything within it an end
    if (end !== undefined) lists.push(imagesOf(html.slice(start, end)));
    from = html.indexOf(NAME, end ?? from + NAME.length);
  }
  return lists.flat();
}

/** Where the list or the object behind a name begins; undefined if something else stands there. */
function beginOf(text: string, from: number): number | undefined {
  const colon = pastBlanks(text, from);
  if (text[colon] !== ':') return undefined;
  const start = pastBlanks(text, colon + 1);
  return text[start] === '[' || text[start] === '{' ? start : undefined;
}

function pastBlanks(text: string, from: number): number {
  let i = from;
  while (text[i] === ' ' || text[i] === '\n' || text[i] === '\r' || text[i] === '\t') i++;
  return i;
}

function imagesOf(json: string): readonly Image[] {
  let list: unknown;
  try {
    list = readValue(json);
  } catch (error) {
    if (error instanceof Unreadable) return [];
    throw error;
  }
  return elements(list)
    .slice(0, MOST_IMAGES)
    .flatMap((entry) => imageOf(entry) ?? []);
}

function imageOf(entry: unknown): Image | undefined {
  const [address, key, original] = ['url', 'mediaKey', 'hasOriginalDimensions'].map((name) =>
    at(entry, [name]),
  );
  const url = typeof address === 'string' ? normalise(address) : undefined;
  const [width, height] = ['width', 'height'].map((name) => points(at(entry, [name]), WIDEST));
  if (url === undefined || width === undefined || height === undefined) return undefined;
  return {
    url,
    width,
    height,
    key: typeof key === 'string' ? key.toLowerCase() : undefined,
    isOriginal: original === true,
  };
}
