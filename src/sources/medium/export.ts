import { basename, resolve } from 'node:path';
import { SourceError } from '../../errors.ts';
import type { Post } from '../../model.ts';
import { quoted } from '../../shown.ts';
import { bodyOf } from '../bytes.ts';
import { tellLeftOut } from '../left-out.ts';
import { paged } from '../paged.ts';
import { openParts, type Part, type Parts } from '../parts.ts';
import { DamagedFile, type Listing, type SourceContext } from '../source.ts';
import { kindOfEntry, nameOfFiles, withoutPrefix } from '../target.ts';
import { decoded } from '../text.ts';
import { cappedWarnings, type Warnings } from '../warnings.ts';
import { dateOf, mediaIn, readFacts, urlOf } from './page.ts';

const pageSize = 100;
const largestPage = 32 * 2 ** 20;
/** A post by its date, or a draft; its id stands last. */
const file = /(?:^|\/)posts\/((\d{4}-\d\d-\d\d|draft)_[^/]{0,500}\.html)$/i;
const idAtEnd = /([0-9a-f]{8,16})\.html$/i;

interface PostFile {
  readonly part: Part;
  readonly path: string;
  readonly name: string;
  readonly isDraft: boolean;
}

/** What a user was sent by Medium, a zip or its folder. Its pictures lie at Medium. */
export async function openExport(target: string, context: SourceContext): Promise<Listing> {
  const path = withoutPrefix('medium', target);
  const parts = await openParts(path, context.signal);
  const files = filesIn(parts);
  if (files.length === 0) {
    await parts.close();
    throw new SourceError(`There is no post of a Medium export (posts/….html) in ${quoted(path)}.`);
  }
  const isFolder = kindOfEntry(path) === 'folder';
  return {
    name: isFolder ? basename(resolve(path)).replace(/^\.+/, '') || null : nameOfFiles(path),
    trusted: [],
    pages: () => paged(postsOf(files, context), pageSize),
    close: () => parts.close(),
  };
}

/** The newest first, drafts last; what else lies there is the account's, and is not looked at. */
function filesIn({ all }: Parts): readonly PostFile[] {
  const found = all.flatMap((part) =>
    [...part.names()].flatMap((path) => {
      const [, name, when] = file.exec(path) ?? [];
      if (name === undefined || path.includes('__MACOSX/')) return [];
      return [{ part, path, name, isDraft: when!.toLowerCase() === 'draft' }];
    }),
  );
  return found.sort((a, b) => Number(a.isDraft) - Number(b.isDraft) || (a.name < b.name ? 1 : -1));
}

/** Of two pages of one post the first counts that can be read. */
async function* postsOf(files: readonly PostFile[], { report, signal }: SourceContext): AsyncGenerator<Post> {
  const warnings = cappedWarnings(report, 'the export');
  const known = new Set<string>();
  try {
    for (const file of files) {
      signal.throwIfAborted();
      const id = idOf(file);
      const post = known.has(id) ? undefined : await readPost(id, file, warnings);
      if (!post) continue;
      known.add(id);
      yield post;
    }
  } finally {
    warnings.close();
  }
}

/** Where a name does not end with an id it is one itself. */
const idOf = ({ name }: PostFile): string =>
  idAtEnd.exec(name)?.[1]?.toLowerCase() ?? name.replace(/\.html$/i, '');

async function readPost(id: string, file: PostFile, warnings: Warnings): Promise<Post | undefined> {
  const shown = quoted(file.path, 300);
  try {
    const html = await textOf(file, () =>
      warnings.warn(`${shown} is not all UTF-8: what is not was replaced by U+FFFD.`),
    );
    const { isReply, ...facts } = readFacts(html);
    const [date, url] = [dateOf({ isReply, ...facts }), urlOf({ isReply, ...facts })];
    const { items, leftOut } = mediaIn(html, url, { post: id, date });
    tellLeftOut(shown, leftOut, warnings);
    const marks = { ...(file.isDraft && { isDraft: true }), ...(isReply && { isReply: true }) };
    return { id, date, url, raw: { file: file.path, ...facts, ...marks, html }, items };
  } catch (error) {
    if (!(error instanceof DamagedFile || error instanceof SourceError)) throw error;
    warnings.skip(`${shown} cannot be read, and is skipped: ${error.message.replace(/\.$/, '')}.`);
    return undefined;
  }
}

async function textOf({ part, path }: PostFile, onDamage: () => void): Promise<string> {
  const opened = await part.open(path);
  if (!opened) throw new DamagedFile('it is not there any more');
  if (opened.bytes > largestPage) {
    opened.body.destroy();
    throw new DamagedFile('it is larger than 32 MiB');
  }
  let html = '';
  for await (const text of decoded(bodyOf(opened.body), onDamage)) html += text;
  return html;
}
