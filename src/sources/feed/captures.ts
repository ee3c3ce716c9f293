import { SourceError } from '../../errors.ts';
import type { Page, Post } from '../../model.ts';
import { shownAddress } from '../../shown.ts';
import { plainBytes } from '../plain-bytes.ts';
import type { PageCapture } from '../source.ts';
import { keyOf, unwrapped } from '../wayback/place.ts';
import { NoFeed, openDocument } from './document.ts';
import type { Run } from './listing.ts';
import { meet } from './telling.ts';

interface Captures {
  /** Those before this one are still to be read; null for all of them. */
  readonly before: string | null;
  /** The newest of those that this listing began with. */
  readonly newest: string | null;
}

/**
 * What the web archive holds of the feed, from the newest capture back: so of each entry that the feed has dropped the
 * newest form comes first, and what is met already is left out.
 */
export async function* capturedPages(run: Run, from: Captures): AsyncGenerator<Page> {
  const rows = await rowsOf(run, from);
  const newest = from.newest ?? rows[0]?.timestamp ?? run.memory.captured ?? null;
  for (const row of rows) {
    let held: readonly Post[] = [];
    for await (const posts of postsOf(row, run)) {
      if (held.length > 0) yield { posts: held };
      held = posts;
    }
    yield { posts: held, cursor: { captures: { before: row.timestamp, newest } } };
  }
  yield { posts: [], cursor: null, memory: { ...run.memory, ...(newest !== null && { captured: newest }) } };
}

const rowsAtOnce = 5000;
const mostParts = 50;
const sound = /^\d{14}$/;

/** The captures of this very address, each content once; what an earlier listing has read is not read again. */
async function rowsOf(
  { feed, context, memory, way }: Run,
  { before }: Captures,
): Promise<readonly PageCapture[]> {
  const key = keyOf(feed);
  const known = way?.wasWhole ? (memory.captured ?? '') : '';
  const byDigest = new Map<string, PageCapture>();
  const prefix = feed.replace(/^https?:\/\/(www\.)?/i, '').replace(/\/$/, '');
  let parts = 0;
  for await (const { rows } of context.webArchive.captures(prefix, { rows: rowsAtOnce, from: null })) {
    const own = rows.filter(({ timestamp, original }) => sound.test(timestamp) && isOf(original, key));
    for (const row of own) {
      const rival = byDigest.get(row.digest);
      if (!rival || rival.timestamp < row.timestamp) byDigest.set(row.digest, row);
    }
    if (++parts >= mostParts || (own.length === 0 && byDigest.size > 0)) break; // those of one address stand together
  }
  return [...byDigest.values()]
    .filter(({ timestamp }) => timestamp > known && (before === null || timestamp < before))
    .sort((a, b) => (a.timestamp < b.timestamp ? 1 : -1));
}

const isOf = (address: string, key: string): boolean => URL.canParse(address) && keyOf(address) === key;

async function* postsOf(row: PageCapture, run: Run): AsyncGenerator<readonly Post[]> {
  const { context, warnings, way } = run;
  const name = `the capture of ${shownAddress(row.original)} from ${row.timestamp}`;
  const replayed = await context.webArchive.replay(row);
  if ('trouble' in replayed) return warnings.skip(`Cannot read ${name}: ${replayed.trouble}.`);
  const { answer, time } = replayed;
  try {
    const bytes = plainBytes(answer, name, context.signal);
    const type = answer.headers['content-type'];
    const base = row.original;
    const document = await openDocument(bytes, { name, warnings, base, type, original: unwrapped });
    for await (const posts of document.pages) {
      const dropped: Post[] = [];
      for (const post of posts) {
        const isHere = meet(run.met, post.id) || (await way?.isHeld?.(post.id)) === true;
        if (!isHere) dropped.push(capturedPost(post, row, time));
      }
      yield dropped;
    }
  } catch (error) {
    if (error instanceof NoFeed) return; // a page that said that the blog was closed is no loss
    context.signal.throwIfAborted();
    if (!(error instanceof SourceError)) throw error;
    warnings.skip(`Cannot read all of ${name}: ${error.message}`);
  }
}

/** With where the archive has it from; and where no date is known, with the time at which it was seen. */
function capturedPost(post: Post, row: PageCapture, time: string): Post {
  const raw = {
    entry: post.raw,
    page: row.original,
    capture: row.timestamp,
    captured: time,
    digest: row.digest,
  };
  const items = post.date === null ? post.items.map((item) => ({ ...item, seen: time })) : post.items;
  const passing = (post.passing ?? []).map((path) => `entry.${path}`);
  return { ...post, raw, items, passing, dialect: 'capture' };
}
