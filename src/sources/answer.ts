import { SourceError } from '../errors.ts';
import type { Answer } from '../net/http.ts';
import { shownAddress } from '../shown.ts';
import type { SourceContext } from './source.ts';

/** The media type that a server declares, without its parameters. */
export const typeOf = ({ headers }: Answer): string =>
  (headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase();

/** An answer of which the body is what was asked for; everything else ends the listing, never as an empty blog. */
export async function wholeAnswer(address: string, fetch: SourceContext['fetch']): Promise<Answer> {
  const answer = await fetch(address, { 'accept-encoding': 'identity' });
  const fault = faultOf(answer);
  if (fault === undefined) return answer;
  answer.body.destroy();
  const url = shownAddress(address);
  throw new SourceError(`${url} ${fault}.`, { url });
}

function faultOf({ status, headers }: Answer): string | undefined {
  if (status === 404 || status === 410) return `is gone: its server answers ${status}`;
  if (status !== 200) return `cannot be listed: its server answers ${status}`;
  const coding = headers['content-encoding']?.trim().toLowerCase() ?? '';
  return ['', 'identity', 'gzip', 'x-gzip'].includes(coding)
    ? undefined
    : `comes compressed with ${coding.slice(0, 40)}, which nobody asked for`;
}
