import { SourceError, UsageError } from '../../errors.ts';
import type { Page } from '../../model.ts';
import { quoted } from '../../shown.ts';
import { isAddress } from '../address.ts';
import { type Bytes, fileBytes, unzipped } from '../bytes.ts';
import type { Listing, Sight, SourceContext } from '../source.ts';
import { firstText, kindOfEntry, nameOfFiles, readableFiles, withoutPrefix } from '../target.ts';
import { cappedWarnings } from '../warnings.ts';
import { feedAddress } from './ask.ts';
import { openDocument, whyNot } from './document.ts';
import { nameOfFeed } from './feed.ts';
import { listFeed } from './listing.ts';
import { beginsFeed, lookAtStart } from './look.ts';
import { readSettings } from './settings.ts';

/** An address, or a file or a pattern of such. */
export async function openFeed(target: string, context: SourceContext, sight?: Sight): Promise<Listing> {
  const given = readSettings(context.settings);
  const address = feedAddress(target);
  if (!isAddress(address)) return openFiles(withoutPrefix('feed', target), context);
  if (!URL.canParse(address)) throw new UsageError(`${quoted(target)} is no address.`);
  const feed = new URL(address).href;
  return {
    name: nameOfFeed(sight?.target ?? target),
    trusted: [sight?.target ?? feed], // a feed that a page names is not named by the user
    listedAs: `feed ${feed}`,
    isUnchecked: true,
    isNewestFirst: true,
    pages: (cursor, way) => listFeed({ feed, context, ...given, isSeen: sight !== undefined }, cursor, way),
  };
}

async function openFiles(place: string, context: SourceContext): Promise<Listing> {
  const files = await readableFiles(place);
  for (const file of files) checkStart(file);
  return { name: nameOfFiles(place), trusted: [], pages: () => filePages(files, context) };
}

const packed = '\u001f';

/** What is plainly something else is refused before anything is written for it. */
function checkStart(file: string): void {
  const start = kindOfEntry(file) === 'file' ? firstText(file) : packed;
  if (start.startsWith(packed) || beginsFeed(start) || lookAtStart(start) === 'json') return;
  throw new SourceError(`${quoted(file)} ${whyNot(start)}.`);
}

async function* filePages(files: readonly string[], context: SourceContext): AsyncGenerator<Page> {
  const warnings = cappedWarnings(context.report, 'the feed');
  try {
    for (const file of files) {
      const name = quoted(file);
      const bytes: Bytes = unzipped(fileBytes(file, context.signal), name);
      const document = await openDocument(bytes, { name, warnings, base: null, type: undefined });
      for await (const posts of document.pages) yield { posts };
    }
  } finally {
    warnings.close();
  }
}
