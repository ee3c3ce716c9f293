import { SourceError } from '../errors.ts';
import type { Post } from '../model.ts';
import type { Answer } from '../net/http.ts';
import { quoted, shownAddress } from '../shown.ts';
import { isAddress, nameOfAddress } from './address.ts';
import { typeOf, wholeAnswer } from './answer.ts';
import { type Bytes, bodyBytes, fileBytes, unzipped } from './bytes.ts';
import { linePosts } from './json-lines.ts';
import { readMapping } from './json-mapping.ts';
import { isObject } from './json-path.ts';
import { type PostWay, readPost } from './json-post.ts';
import { shapeOf } from './json-shape.ts';
import { documentPosts, type Reading, valuePosts } from './json-stream.ts';
import { paged } from './paged.ts';
import type { Listing, SourceContext } from './source.ts';
import { firstText, kindOfEntry, nameOfFiles, readableFiles } from './target.ts';
import { decoded } from './text.ts';
import { cappedWarnings } from './warnings.ts';

const lineEndings = /\.(jsonl|ndjson)(\.gz)?$/i;
const pageSize = 100;
/** Milliseconds that a server is kept waiting for us to read on; it may have hung up after more. */
const patience = 2000;

/** An address, or a file or a pattern of such. */
export function openJson(place: string, context: SourceContext): Promise<Listing> {
  const way = { mapping: readMapping(context.settings), context };
  return isAddress(place) ? openAddress(place, way) : openFiles(place, way);
}

type Way = Pick<PostWay, 'mapping'> & { readonly context: SourceContext };

/** One of the texts that make up an export. */
interface Part {
  /** As it stands in sentences. */
  readonly name: string;
  readonly isLines: boolean;
  /** A file of lines without a line is an empty blog; an answer without content is a fault of the server. */
  readonly mayBeEmpty: boolean;
  readonly base: string | null;
  readonly bytes: () => Bytes;
}

async function openFiles(place: string, way: Way): Promise<Listing> {
  const files = await readableFiles(place);
  for (const file of files) checkStart(file);
  const parts = files.map((file) => ({
    name: quoted(file),
    isLines: lineEndings.test(file),
    mayBeEmpty: lineEndings.test(file),
    base: null,
    bytes: () => fileBytes(file, way.context.signal),
  }));
  return { name: nameOfFiles(place), trusted: [], pages: () => paged(postsOf(parts, way), pageSize) };
}

/** What is plainly something else is refused before anything is written for it. */
function checkStart(file: string): void {
  const isFile = kindOfEntry(file) === 'file';
  if (!isFile || lineEndings.test(file)) return;
  const start = firstText(file);
  if (start === '') throw new SourceError(`${quoted(file)} is empty: there is not even an empty list in it.`);
  const first = start.trimStart().charAt(0);
  if (!['{', '[', '', '\u001f'].includes(first))
    throw new SourceError(`${quoted(file)} is not JSON: it begins with ${quoted(start.trimStart(), 12)}.`);
}

/** The answer that showed the address to be good serves the first listing too. */
async function openAddress(address: string, way: Way): Promise<Listing> {
  let answer: Answer | undefined = await ask(address, way.context);
  const asked = performance.now();
  const part = {
    name: shownAddress(address),
    isLines: lineEndings.test(new URL(address).pathname) || /ndjson|jsonl/.test(typeOf(answer)),
    mayBeEmpty: false,
    base: answer.url,
    async *bytes() {
      const held = answer;
      answer = undefined;
      const isFresh = performance.now() - asked < patience;
      if (!isFresh) held?.body.destroy();
      yield* bodyBytes(held && isFresh ? held : await ask(address, way.context), way.context.signal);
    },
  };
  return {
    name: nameOfAddress(address),
    trusted: [address],
    pages: () => paged(postsOf([part], way), pageSize),
  };
}

async function ask(address: string, { fetch }: SourceContext): Promise<Answer> {
  const answer = await wholeAnswer(address, fetch);
  if (typeOf(answer) !== 'text/html') return answer;
  answer.body.destroy();
  const url = shownAddress(address);
  throw new SourceError(
    `${url} is not JSON: its server answers ${answer.status} with a web page (text/html).`,
    { url },
  );
}

async function* postsOf(parts: readonly Part[], { mapping, context }: Way): AsyncGenerator<Post> {
  const warnings = cappedWarnings(context.report, 'the JSON export');
  try {
    for (const part of parts) {
      let number = 0;
      const warn = (message: string) => warnings.warn(`In ${part.name} ${message}`);
      for await (const value of valuesOf(part, { name: part.name, mapping, ...warnings })) {
        number++;
        if (isObject(value)) yield readPost(value, { mapping, base: part.base, warn });
        else warnings.skip(`In ${part.name} post ${number} is not an object; it is skipped.`);
      }
    }
  } finally {
    warnings.close();
  }
}

async function* valuesOf(part: Part, reading: Reading): AsyncGenerator<unknown> {
  const { name, warn } = reading;
  const text = decoded(unzipped(part.bytes(), name), () =>
    warn(`${name} is not all UTF-8: what is not was replaced by U+FFFD.`),
  );
  const { shape, whole } = await shapeOf(text);
  if (shape === 'empty' && !part.mayBeEmpty)
    throw new SourceError(`${name} is empty: there is not even an empty list in it.`);
  if (part.isLines || shape === 'lines') yield* linePosts(whole, reading);
  else if (shape === 'values' && !reading.mapping.posts) yield* valuePosts(whole, reading);
  else yield* documentPosts(whole, reading);
}
