import { SourceError } from '../../errors.ts';
import { shownAddress } from '../../shown.ts';
import { bounded } from '../answer.ts';
import { bodyBytes, unzipped } from '../bytes.ts';
import type { SourceContext } from '../source.ts';
import { decoded, lines, type Text } from '../text.ts';
import { type Said, SitemapReader } from './sitemap.ts';

/** What stands at an address is no sitemap. */
export class NoSitemap extends SourceError {}

/** More than a sitemap may have five times over: behind it nothing is read. */
const mostBytes = 256 * 2 ** 20;
const longestLine = 8192;

/** What a sitemap says, part by part, as it comes in. Throws NoSitemap, or SourceError where it breaks off. */
export async function* readSitemap(
  address: string,
  { fetch, signal }: Pick<SourceContext, 'fetch' | 'signal'>,
): AsyncGenerator<Said> {
  const answer = await fetch(address, { 'accept-encoding': 'identity' });
  const name = shownAddress(address);
  if (answer.status !== 200) {
    answer.body.destroy();
    const isNone = answer.status < 500 && answer.status !== 429;
    const why = `The sitemap ${name} cannot be read: its server answers ${answer.status}.`;
    throw isNone ? new NoSitemap(why, { url: name }) : new SourceError(why, { url: name });
  }
  const limits = { most: mostBytes, name: `The sitemap ${name}`, url: name };
  const text = decoded(bounded(unzipped(bodyBytes(answer, signal), name), limits), () => undefined);
  const [head, whole] = await begun(text);
  const start = head.trimStart();
  if (start.startsWith('<')) yield* inXml(whole, name);
  else if (/^https?:\/\//i.test(start)) yield* inLines(whole);
  else {
    await whole.return(undefined);
    throw new NoSitemap(`${name} is no sitemap.`, { url: name });
  }
}

/** The first letters that are not white, and all of the text. */
async function begun(text: AsyncGenerator<string>): Promise<[string, AsyncGenerator<string>]> {
  let head = '';
  for (let part = await text.next(); !part.done; part = await text.next()) {
    head += part.value;
    if (head.trimStart() !== '') break;
    head = ''; // white space alone says nothing
  }
  async function* whole() {
    try {
      yield head;
      yield* text;
    } finally {
      await text.return(undefined);
    }
  }
  return [head, whole()];
}

async function* inXml(text: Text, name: string): AsyncGenerator<Said> {
  const reader = new SitemapReader();
  for await (const part of text) {
    reader.write(part);
    if (reader.isSitemap === false) throw new NoSitemap(`${name} is no sitemap.`, { url: name });
    yield reader.take();
  }
  const { isCut } = reader.end();
  yield reader.take();
  if (!reader.isSitemap) throw new NoSitemap(`${name} is no sitemap.`, { url: name });
  if (isCut) throw new SourceError(`The sitemap ${name} ends in the middle.`, { url: name });
}

async function* inLines(text: Text): AsyncGenerator<Said> {
  for await (const found of lines(text, longestLine)) {
    const pages = found.flatMap(({ text: line = '' }) =>
      /^\s*https?:\/\//i.test(line) ? [{ loc: line.trim(), finds: [] }] : [],
    );
    yield { pages, sitemaps: [] };
  }
}
