import { isMany, type Many, none } from 'stream-chain/defs.js';
import { Assembler } from 'stream-json/core/assembler.js';
import { jsonParser, type Token } from 'stream-json/core/parser.js';
import { SourceError, sentence } from '../errors.ts';
import { counted } from '../shown.ts';
import { Finder } from './json-finder.ts';
import type { Mapping } from './json-mapping.ts';
import type { Text } from './text.ts';

const deepest = 200;
const cut = 'ends in the middle';
export const largestPost = 32 * 2 ** 20;

export interface Reading {
  /** What is read, as it stands in sentences. */
  readonly name: string;
  readonly mapping: Mapping;
  readonly warn: (message: string) => void;
  /** For what cannot be read and is left out. */
  readonly skip: (message: string) => void;
}

/** The posts of one document, or of several in a row; memory holds one post at a time. */
export async function* documentPosts(text: Text, { name, mapping, warn }: Reading): AsyncGenerator<unknown> {
  const finder = new Finder(mapping.posts);
  yield* assembled(text, name, finder);
  finder.check(name);
  for (const other of finder.others) {
    warn(
      `The posts of ${name} were read from its list '${finder.chosen}', not from '${other}'; the setting sources.json.posts chooses.`,
    );
  }
}

/** Values without a list around them: each is a post. */
export const valuePosts = (text: Text, { name }: Reading): AsyncGenerator<unknown> => assembled(text, name);

export async function* assembled(text: Text, name: string, finder?: Finder): AsyncGenerator<unknown> {
  const posts = new Assembly(finder);
  try {
    for await (const chunk of text) {
      for (const piece of pieces(chunk)) {
        for (const post of posts.take(piece)) yield post;
      }
    }
    for (const post of posts.end()) yield post;
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    throw new SourceError(`${name} ${error.message}, after ${counted(posts.count, 'whole post')}.`, {
      cause: error,
    });
  }
}

/** What is wrong with a text, as the rest of a sentence about it. */
export class Unreadable extends Error {}

/** One value, exactly: `JSON.parse` would round long numbers and know no depth. */
export function readValue(text: string): unknown {
  const values = new Assembly();
  const found: unknown[] = [];
  for (let from = 0; from < text.length; from += 65_536)
    found.push(...values.take(text.slice(from, from + 65_536)));
  found.push(...values.end());
  if (found.length !== 1) throw new Unreadable('is not one value');
  return found[0];
}

/**
 * Cut behind each closing brace. The tokenizer forgets what it read in a piece that turns out to be malformed:
 * so it is one post at most, the malformed one.
 */
function* pieces(text: string): Generator<string> {
  let from = 0;
  for (let at = text.indexOf('}'); at >= 0; at = text.indexOf('}', from)) {
    yield text.slice(from, at + 1);
    from = at + 1;
  }
  if (from < text.length) yield text.slice(from);
}

/** Puts posts together from tokens, and refuses what would not fit into memory or could not be written out again. */
class Assembly {
  /** Without one every value is a post. */
  readonly #finder: Finder | undefined;
  readonly #parse = jsonParser({ streamValues: false, jsonStreaming: true });
  #post: Assembler | undefined;
  #done: unknown[] = [];
  count = 0;
  #depth = 0;
  /** How much text was taken in since the last post, or since the last token where no post is. */
  #held = 0;

  constructor(finder?: Finder) {
    this.#finder = finder;
  }

  take(text: string): readonly unknown[] {
    this.#held += text.length;
    if (this.#held > largestPost) throw new Unreadable('has a post, or a single value, larger than 32 MiB');
    return this.#tell(text);
  }

  end(): readonly unknown[] {
    const found = this.#tell(none);
    if (this.#post || this.#depth > 0) throw new Unreadable(cut);
    return found;
  }

  #tell(text: string | typeof none): readonly unknown[] {
    this.#done = [];
    for (const token of this.#tokens(text)) this.#token(token);
    return this.#done;
  }

  #tokens(text: string | typeof none): readonly Token[] {
    try {
      const found = (this.#parse as (text: string | typeof none) => Many<Token> | typeof none)(text);
      return isMany(found) ? (found as Many<Token>).values : [];
    } catch (error) {
      const what = sentence(error).replace(/^Parser (cannot parse input: |has )/, '');
      throw new Unreadable(text === none ? cut : `is not JSON (${what})`, { cause: error });
    }
  }

  #token(token: Token): void {
    if (token.name === 'startObject' || token.name === 'startArray') this.#deeper();
    else if (token.name === 'endObject' || token.name === 'endArray') this.#depth--;

    if (!this.#post && !this.#beginsPost(token)) {
      this.#held = 0;
      lookAt(token, this.#finder!);
      return;
    }
    this.#post ??= new Assembler();
    this.#post.consume(exact(token));
    if (this.#post.done) this.#finish(this.#post.current);
  }

  #beginsPost(token: Token): boolean {
    if (!this.#finder) return true;
    if (!this.#finder.isAtPost || token.name === 'endArray') return false;
    this.#finder.post();
    return true;
  }

  #deeper(): void {
    this.#depth++;
    if (this.#depth > deepest) throw new Unreadable(`is nested deeper than ${deepest} levels`);
  }

  #finish(post: unknown): void {
    this.#done.push(post);
    this.#post = undefined;
    this.count++;
    this.#held = 0;
  }
}

function lookAt(token: Token, finder: Finder): void {
  if (token.name === 'keyValue') finder.key(token.value);
  else if (token.name === 'startObject') finder.enter(false);
  else if (token.name === 'startArray') finder.enter(true);
  else if (token.name === 'endObject' || token.name === 'endArray') finder.leave();
  else finder.pass();
}

/** Whole numbers that a double would round become texts: two ids that differ in the last digit stay two. */
function exact(token: Token): Token {
  if (token.name !== 'numberValue' || token.value.length < 16 || Number.isSafeInteger(Number(token.value)))
    return token;
  return /^-?\d+$/.test(token.value) ? { name: 'stringValue', value: token.value } : token;
}
