import { SourceError } from '../errors.ts';
import type { Answer } from '../net/http.ts';
import { parseLinks } from '../net/link-format.ts';
import { shownAddress } from '../shown.ts';
import { typeOf } from './answer.ts';
import { type Bytes, bodyBytes, unzipped } from './bytes.ts';
import { pageText } from './charset.ts';
import { FlatParser } from './flat-parser.ts';
import type { SeenLink, Sight, SourceContext } from './source.ts';
import { detached } from './text.ts';

/** So much of a page is looked at: heads of hundreds of kilobytes are met. */
const most = 2 ** 19;
const mostLinks = 200;
const longest = 8192;
const isMedia = /^(image|video|audio)\//;

/** One look at an address of which nobody knows what stands there. Throws SourceError where it is gone. */
export async function lookAt(target: string, { fetch, signal }: SourceContext): Promise<Sight> {
  const answer = await fetch(target, { 'accept-encoding': 'identity' });
  const { status, headers, url } = answer;
  const type = typeOf(answer);
  const isText = status === 200 && !isMedia.test(type);
  const start = isText ? await startOf(answer, signal) : '';
  answer.body.destroy();
  if (status === 404 || status === 410)
    throw new SourceError(`${shownAddress(target)} is gone: its server answers ${status}.`, {
      url: shownAddress(target),
    });
  const head = headOf(start, url);
  const links = [...linksIn(headers.link, url), ...head.links];
  return { target, url, status, type, headers, start, generator: head.generator, links };
}

async function startOf(answer: Answer, signal: AbortSignal): Promise<string> {
  let start = '';
  const bytes = bounded(unzipped(bodyBytes(answer, signal), shownAddress(answer.url)));
  for await (const text of pageText(bytes, answer.headers['content-type'], () => undefined)) {
    start += text; // what is no such text shows itself when it is read
    if (start.length >= most) break;
  }
  return start.slice(0, most);
}

async function* bounded(bytes: Bytes): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of bytes) {
    yield chunk;
    size += chunk.length;
    if (size >= most) return;
  }
}

/** The header Link. */
function linksIn(header: string | string[] | undefined, base: string): readonly SeenLink[] {
  const links = parseLinks([header ?? []].flat().join(', ').slice(0, most)) ?? [];
  return links.slice(0, mostLinks).flatMap(({ uri, rel, params }) => {
    const href = resolved(uri, base);
    return href === undefined ? [] : { rel, href, type: params.get('type'), title: params.get('title') };
  });
}

/** What the head of a page says of it; links count wherever they stand. */
function headOf(start: string, address: string) {
  const links: SeenLink[] = [];
  let generator: string | undefined;
  let base = address;
  const open = (name: string, attributes: Readonly<Record<string, string>>) => {
    const { rel, href, type, title, name: meta = '', content } = attributes;
    if (name === 'base' && href !== undefined) base = resolved(href, address) ?? base;
    if (name === 'meta' && /^generator$/i.test(meta.slice(0, 16)))
      generator ??= detached((content ?? '').slice(0, 200));
    if (name !== 'link' || rel === undefined || href === undefined || links.length >= mostLinks) return;
    const to = resolved(href.trim(), base);
    if (to === undefined) return;
    links.push({ rel: rel.slice(0, 200).toLowerCase().split(/\s+/), href: to, type, title });
  };
  const parser = new FlatParser(new Set(), { open, close: () => undefined, text: () => undefined });
  parser.write(start);
  parser.end();
  return { links, generator };
}

function resolved(address: string, base: string): string | undefined {
  return address.length <= longest && URL.canParse(address, base) ? new URL(address, base).href : undefined;
}
