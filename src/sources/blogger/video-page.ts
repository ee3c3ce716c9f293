import { SourceError } from '../../errors.ts';
import type { MediaItem, Rendition } from '../../model.ts';
import { takeIn } from '../../net/body.ts';
import { shownAddress } from '../../shown.ts';
import { normalise } from '../address.ts';
import { typeOf } from '../answer.ts';
import { endOf } from '../json-in-text.ts';
import { at, elements, textAt, wholeOf } from '../json-path.ts';
import { readValue, Unreadable } from '../json-stream.ts';
import type { SourceContext } from '../source.ts';

const mostBytes = 4 * 2 ** 20;
const page = /^https?:\/\/[^/?#]{1,255}\/video\.g\?/;

/** The page of a video that was put in at Blogger itself. */
export const isVideoPage = (address: string): boolean => videoKey(address) !== undefined;

/** What tells one video from another, as long as its post stands. */
export function videoKey(address: string): string | undefined {
  if (!page.test(address.slice(0, 300))) return undefined;
  const token = new URL(address).searchParams.get('token') ?? '';
  return /^[\w-]{8,1000}$/.test(token) ? token : undefined;
}

/** The best stream that the page of a video names, right before the download: its address is good for some hours. */
export function openVideo({ fetch }: Pick<SourceContext, 'fetch'>) {
  return async (item: MediaItem): Promise<Rendition | undefined> => {
    if (item.larger === undefined) return undefined;
    const answer = await fetch(item.larger, { accept: 'text/html', 'accept-encoding': 'identity' });
    const { status, body } = answer;
    if (status !== 200 || typeOf(answer) !== 'text/html') {
      body.destroy();
      throw unsaid(item.larger, `it answers ${status === 200 ? typeOf(answer) || 'with no type' : status}`);
    }
    const { bytes, isWhole } = await takeIn(body, mostBytes);
    const best = isWhole ? streamIn(bytes.toString('utf8')) : undefined;
    if (best === undefined) throw unsaid(item.larger, isWhole ? 'it names no stream' : 'it breaks off');
    return { url: best };
  };
}

const unsaid = (address: string, why: string): SourceError =>
  new SourceError(`${shownAddress(address)} does not say where its video is: ${why}.`, {
    url: shownAddress(address),
  });

/** Formats are numbered; the higher is the better one. */
export function streamIn(html: string): string | undefined {
  const streams = elements(at(configIn(html), ['streams']))
    .slice(0, 100)
    .flatMap((stream) => {
      const url = normalise(textAt(stream, [['play_url']], 8192) ?? '');
      return url === undefined ? [] : [{ url, format: wholeOf(at(stream, ['format_id'])) ?? 0 }];
    });
  return streams.sort((a, b) => b.format - a.format)[0]?.url;
}

const name = /\bVIDEO_CONFIG\s{0,8}=\s{0,8}(?=\{)/g;

const mostTried = 16;

function configIn(html: string): unknown {
  let tried = 0;
  for (const { 0: found, index } of html.matchAll(name)) {
    if (++tried > mostTried) break;
    const start = index + found.length;
    const end = endOf(html, start);
    const value = end === undefined ? undefined : valueIn(html.slice(start, end));
    if (value !== undefined) return value;
    if (end === undefined) break; // nor has anything behind it an end
  }
  return undefined;
}

function valueIn(json: string): unknown {
  try {
    return readValue(json);
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}
