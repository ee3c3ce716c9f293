import { AuthError, SourceError } from '../errors.ts';
import { fetcher } from '../net/fetch.ts';
import type { Answer } from '../net/http.ts';
import { checkOptions, type GivenOptions } from '../options.ts';
import { bodyBytes } from '../sources/bytes.ts';
import { openNet } from '../world.ts';
import { apiOf, type CredentialKind } from './credential-table.ts';

/** Enough of an answer to judge by; more is none of a service that tells about one blog. */
const MOST_BYTES = 2 ** 20;

/** Asks the service one question with a key; throws where it is refused, or where nobody can tell. */
export async function checkCredential(
  kind: CredentialKind,
  secret: string,
  given: GivenOptions,
): Promise<void> {
  const options = checkOptions(given);
  const { url, headers } = kind.question(secret, apiOf(kind, options.settings));
  const { origin, host } = new URL(url);
  const net = openNet(options);
  try {
    net.http.trust([url]);
    const ask = fetcher(net.http, net.gate, { ...options, mayFollow: (to) => to.origin === origin });
    const answer = await ask(url, headers);
    judge(kind, host, await replyIn(answer, options.signal));
  } finally {
    await net.close();
  }
}

interface Reply {
  readonly status: number;
  /** Undefined where it is no JSON. */
  readonly parsed: unknown;
}

async function replyIn(answer: Answer, signal: AbortSignal): Promise<Reply> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  if (answer.status !== 200) answer.body.destroy();
  for await (const chunk of answer.status === 200 ? bodyBytes(answer, signal) : []) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MOST_BYTES) break;
  }
  return { status: answer.status, parsed: parsed(Buffer.concat(chunks).toString('utf8')) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // a page, or nothing: the status is all there is to judge by
  }
}

function judge({ source, what, isAnswer }: CredentialKind, host: string, { status, parsed }: Reply): void {
  if (status === 401 || status === 403)
    throw new AuthError(
      `${host} refuses this ${what} (status ${status}); nothing was stored. 'oxbow auth ${source}' takes another.`,
    );
  if (status === 200 && isAnswer(parsed)) return;
  const how = status === 200 ? 'something that is none of its answers' : `status ${status}`;
  throw new SourceError(`${host} answers with ${how}, which tells nothing about the ${what}.`);
}
