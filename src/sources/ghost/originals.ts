import { SourceError } from '../../errors.ts';
import type { MediaItem, Rendition } from '../../model.ts';
import { shownAddress } from '../../shown.ts';
import { typeOf } from '../answer.ts';
import type { SourceContext } from '../source.ts';

/** Is the original of a picture there? Asked by one byte of it; throws where the site does not say. */
export function openOriginals({ fetch }: Pick<SourceContext, 'fetch'>) {
  return async ({ larger }: MediaItem): Promise<Rendition | undefined> => {
    if (larger === undefined) return undefined;
    const answer = await fetch(larger, { 'accept-encoding': 'identity', range: 'bytes=0-0' });
    const { status, headers, body } = answer;
    if (Number(headers['content-length'] ?? Number.NaN) <= fewBytes) body.resume();
    else body.destroy();
    if (status === 200 || status === 206)
      return typeOf(answer).startsWith('image/') ? { url: larger } : undefined;
    if (absent.has(status)) return undefined;
    throw new SourceError(`${shownAddress(larger)} does not say whether it is there (status ${status})`);
  };
}

/** To read them is cheaper than another connection. */
const fewBytes = 1024;
/** Stores of files refuse what they have not. */
const absent: ReadonlySet<number> = new Set([400, 401, 403, 404, 410]);
