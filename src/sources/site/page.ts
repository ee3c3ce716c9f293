import { SourceError, sentence } from '../../errors.ts';
import type { Answer } from '../../net/http.ts';
import { shownAddress } from '../../shown.ts';
import { bounded, typeOf } from '../answer.ts';
import { bodyBytes, unzipped } from '../bytes.ts';
import { pageText } from '../charset.ts';
import type { Find } from '../finds.ts';
import { tellLeftOut } from '../left-out.ts';
import { type Markup, MarkupReader } from '../markup.ts';
import type { SourceContext } from '../source.ts';
import { standIn } from '../stand-in.ts';
import type { Warnings } from '../warnings.ts';
import { shownWordsOf } from '../words.ts';
import { tidy } from './addresses.ts';
import { PageSays } from './links.ts';
import { beginsAsPage } from './site.ts';

/** A page that was read. */
export interface ReadPage {
  /** The address that answered. */
  readonly url: string;
  readonly markup: Markup;
  readonly html: string;
  readonly isDamaged: boolean;
  readonly says: PageSays;
}

/** Why there is no page: it is gone, closed to us, of another kind, elsewhere, or could not be had this time. */
export type Lack = 'gone' | 'refused' | 'no page' | 'elsewhere' | 'trouble';

export type Reading =
  | { readonly page: ReadPage }
  | { readonly lack: Lack; readonly why: string; readonly error?: SourceError };

interface PageOptions {
  readonly context: Pick<SourceContext, 'fetch' | 'signal'>;
  readonly warnings: Warnings;
  readonly isAsIs: boolean;
  /** What else the page shows, by the word of a sitemap. */
  readonly finds?: readonly Find[];
  /** Is what answers a page of the site? */
  readonly isWithin: (url: URL) => boolean;
}

const mostBytes = 32 * 2 ** 20;
const mostHtml = 2 ** 20;

/** Asks for a page, and reads it as it comes in. Only trouble with all of the site is thrown. */
export async function readPage(address: string, options: PageOptions): Promise<Reading> {
  const { context } = options;
  try {
    const answer = await context.fetch(address, { 'accept-encoding': 'identity' });
    const lack = lackOf(answer, options);
    if (lack === undefined) return judged(await inAnswer(answer, options), address, options, answer);
    answer.body.destroy();
    return lack;
  } catch (error) {
    context.signal.throwIfAborted();
    if (error instanceof SourceError) return { lack: 'trouble', why: sentence(error), error };
    throw error;
  }
}

/** Not every page that is well answered is the one that was asked for: what is taken for it would be held for ever. */
function judged(reading: Reading, asked: string, { isAsIs }: PageOptions, { url, headers }: Answer): Reading {
  if ('lack' in reading || isAsIs) return reading;
  const { html, markup, says } = reading.page;
  const other = standIn({ asked, url, headers, html });
  if (other && other.kind !== 'leftover')
    return {
      lack: other.kind === 'closed' ? 'refused' : 'trouble',
      why: `its server answers with ${other.what}`,
    };
  const isBare =
    html.length < mostHtml && // else its words may come later
    /<(script|noscript)\b/i.test(html) &&
    markup.media.length === 0 &&
    says.links(url).length === 0 &&
    shownWordsOf(html) === '';
  return isBare ? { lack: 'trouble', why: 'it shows nothing but what a script would make of it' } : reading;
}

function lackOf(answer: Answer, { isWithin }: PageOptions): Reading | undefined {
  const { status, url, headers } = answer;
  const why = `its server answers ${status}`;
  if (headers['cf-mitigated'] === 'challenge')
    return { lack: 'trouble', why: `${why}, to test whether a person asks` };
  if (status === 404 || status === 410) return { lack: 'gone', why };
  if (status === 401 || status === 403 || status === 451) return { lack: 'refused', why };
  if (status !== 200) return { lack: 'trouble', why };
  if (!isWithin(new URL(url))) return { lack: 'elsewhere', why: `it leads to ${shownAddress(url)}` };
  const type = typeOf(answer);
  if (!/^(text\/html|application\/xhtml\+xml|)$/.test(type))
    return { lack: 'no page', why: `it is ${type.slice(0, 80)}` };
  const coding = headers['content-encoding']?.trim().toLowerCase() ?? '';
  return /^(identity|x-gzip|gzip|)$/.test(coding)
    ? undefined
    : { lack: 'trouble', why: `it comes compressed with ${coding.slice(0, 40)}, which nobody asked for` };
}

async function inAnswer(answer: Answer, { context, warnings, finds = [] }: PageOptions): Promise<Reading> {
  const { url, headers } = answer;
  const name = shownAddress(url);
  const says = new PageSays();
  for (const wish of [headers['x-robots-tag'] ?? []].flat().slice(0, 10))
    says.robots.push(wish.slice(0, 200));
  let isDamaged = false;
  const bytes = bounded(unzipped(bodyBytes(answer, context.signal), name), {
    most: mostBytes,
    name,
    url: name,
  });
  const reader = new MarkupReader({
    base: url,
    own(element, attributes) {
      says.element(element, attributes);
      return [];
    },
  });
  let html = '';
  for await (const text of pageText(bytes, headers['content-type'], () => {
    isDamaged = true;
  })) {
    if (html === '' && typeOf(answer) === '' && !beginsAsPage(text))
      return { lack: 'no page', why: 'it does not begin as a page' };
    reader.write(text);
    if (html.length < mostHtml) html += text.slice(0, mostHtml - html.length);
  }
  if (html.trim() === '') return { lack: 'trouble', why: 'it is empty' };
  for (const find of finds) reader.add(find);
  const markup = reader.end();
  tellLeftOut(name, markup.leftOut, warnings);
  return { page: { url: tidy(url) ?? url, markup, html, isDamaged, says } };
}
