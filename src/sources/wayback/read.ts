import { SourceError } from '../../errors.ts';
import type { Post } from '../../model.ts';
import type { Answer } from '../../net/http.ts';
import { shownAddress } from '../../shown.ts';
import { bounded } from '../answer.ts';
import { pageText } from '../charset.ts';
import { beginsFeed } from '../feed/look.ts';
import { FeedReader } from '../feed/reader.ts';
import { tellLeftOut } from '../left-out.ts';
import { MarkupReader } from '../markup.ts';
import { plainBytes } from '../plain-bytes.ts';
import type { SourceContext } from '../source.ts';
import type { Warnings } from '../warnings.ts';
import type { WebPage } from './pages.ts';
import { unwrapped } from './place.ts';
import { type Captured, entryPosts, pagePost } from './posts.ts';

export interface ReadWay {
  readonly context: Pick<SourceContext, 'webArchive' | 'signal'>;
  readonly warnings: Warnings;
}

/** What came of a page: its posts, or why there are none; with an error where the archive itself never answered. */
export type Reading =
  | { readonly posts: readonly Post[] }
  | { readonly trouble: string; readonly error?: SourceError };

const mostBytes = 32 * 2 ** 20;

/** The posts of a page by its newest capture that can be had. */
export async function readPage(page: WebPage, way: ReadWay): Promise<Reading> {
  const { signal, webArchive } = way.context;
  let trouble: string | undefined;
  let error: SourceError | undefined;
  for (const capture of page.captures) {
    const replayed = await orTrouble(() => webArchive.replay(capture), signal);
    if (replayed instanceof SourceError) error ??= replayed;
    else if ('trouble' in replayed) trouble ??= replayed.trouble;
    else {
      const posts = await orTrouble(() => postsIn({ page, capture, ...replayed }, way), signal);
      if (!(posts instanceof SourceError)) return { posts };
      trouble ??= posts.message;
    }
  }
  if (trouble === undefined && error) return { trouble: error.message, error };
  return { trouble: trouble ?? 'it has no capture' };
}

async function orTrouble<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T | SourceError> {
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof SourceError) return error;
    throw error;
  }
}

type Opened = Omit<Captured, 'isDamaged'> & { readonly answer: Answer };

async function postsIn({ answer, ...opened }: Opened, way: ReadWay): Promise<readonly Post[]> {
  const { original } = opened.capture;
  const name = shownAddress(original);
  let isDamaged = false;
  // As its server sent it, uncompressed; an archive may give it back as it was compressed then.
  const bytes = bounded(plainBytes(answer, name, way.context.signal), { most: mostBytes, name, url: name });
  const text = pageText(bytes, answer.headers['content-type'], () => {
    isDamaged = true;
    way.warnings.warn(
      `${name} is not all in the encoding that it names: what is not was replaced by U+FFFD.`,
    );
  });
  let reader: MarkupReader | FeedReader | undefined;
  let html = '';
  for await (const chunk of text) {
    reader ??= readerFor(chunk, original);
    reader.write(chunk);
    if (html.length < mostHtml) html += chunk.slice(0, mostHtml - html.length);
  }
  if (!reader) throw new SourceError(`${name} was captured without any content.`);
  const captured = { ...opened, isDamaged };
  if (reader instanceof FeedReader) {
    const entries = reader.end();
    for (const { markup } of entries) tellLeftOut(name, markup.leftOut, way.warnings);
    if (reader.surplus > 0)
      way.warnings.skip(`${name} has more entries than a feed may have: ${reader.surplus} are left out.`);
    return entryPosts(entries, captured);
  }
  const markup = reader.end();
  tellLeftOut(name, markup.leftOut, way.warnings);
  return pagePost(markup, html, captured);
}

/** So much of the markup of a post is kept with it. */
const mostHtml = 2 ** 20;

function readerFor(start: string, original: string): MarkupReader | FeedReader {
  const options = { base: original, original: unwrapped };
  return beginsFeed(start) ? new FeedReader(options) : new MarkupReader(options);
}
