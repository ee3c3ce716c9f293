import { SourceError } from '../errors.ts';
import { counted } from '../shown.ts';
import { nameOf } from './json-finder.ts';
import { pick } from './json-path.ts';
import { largestPost, type Reading, readValue, Unreadable } from './json-stream.ts';
import { lines, type Text } from './text.ts';

/** A post a line, or a list of posts a line where a setting says so; a bad line is a warning and the others go on. */
export async function* linePosts(text: Text, { name, mapping, skip }: Reading): AsyncGenerator<unknown> {
  let [good, bad] = [0, 0];
  for await (const some of lines(text, largestPost)) {
    for (const { number, text } of some) {
      if (text?.trim() === '') continue;
      const posts = text === undefined ? 'is longer than 32 MiB' : readLine(text, mapping.posts);
      if (typeof posts === 'string') {
        bad++;
        skip(`${name} line ${number} ${posts}; it is skipped.`);
      } else {
        good++;
        yield* posts;
      }
    }
  }
  if (good === 0 && bad > 0) {
    throw new SourceError(`${name} holds no posts: none of its ${counted(bad, 'line')} can be read.`);
  }
}

/** The posts of a line, or what is wrong with it. */
function readLine(text: string, at: Reading['mapping']['posts']): readonly unknown[] | string {
  try {
    const value = readValue(text);
    if (!at) return [value];
    const found = pick(value, at).filter((list) => Array.isArray(list));
    return found.length > 0
      ? found.flat()
      : `has no list of posts at '${nameOf(at)}' (the setting sources.json.posts)`;
  } catch (error) {
    if (error instanceof Unreadable) return error.message;
    throw error;
  }
}
