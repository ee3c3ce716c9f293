import { UsageError } from '../errors.ts';
import type { Kind } from '../model.ts';
import type { Answer } from '../net/http.ts';
import { shownAddress } from '../shown.ts';
import { nameOfAddress, normalise } from './address.ts';
import { typeOf, wholeAnswer } from './answer.ts';
import { begun, bodyBytes } from './bytes.ts';
import { json } from './json.ts';
import { addressPost, bareItem, list } from './list.ts';
import type { Listing, Source, SourceContext } from './source.ts';
import { decodedHead } from './text.ts';

export interface Opened {
  readonly source: Source;
  readonly listing: Listing;
}

/** Nobody knows the address by its looks: one request tells what is there, or that it is nothing `supported`. */
export async function look(address: string, context: SourceContext, supported: string): Promise<Opened> {
  const answer = await wholeAnswer(address, context.fetch);
  const type = typeOf(answer);
  const kind = (['image', 'video', 'audio'] as const).find((name) => type.startsWith(`${name}/`));
  const isJson = !kind && (await showsJson(answer, context.signal));
  answer.body.destroy();
  if (kind) return { source: list, listing: alone(address, kind) };
  if (isJson) return { source: json, listing: await json.open(address, context) };
  throw new UsageError(
    `No source takes ${shownAddress(address)}: its server answers with ${type || 'something of no type'}.${supported}`,
  );
}

async function showsJson(answer: Answer, signal: AbortSignal): Promise<boolean> {
  if (/^application\/(.+\+)?(json|x-ndjson|jsonl|x-jsonlines)$/.test(typeOf(answer))) return true;
  for await (const start of begun(bodyBytes(answer, signal), 64)) return /^\s*[{[]/.test(decodedHead(start));
  return false;
}

/** A media file for a target is a list of one address. */
function alone(address: string, kind: Kind): Listing {
  const url = normalise(address)!;
  const post = addressPost({ ...bareItem(url), kind }, 0, url);
  return {
    name: nameOfAddress(address),
    trusted: [address],
    async *pages() {
      yield { posts: [post] };
    },
  };
}
