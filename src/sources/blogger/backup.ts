import { basename, resolve } from 'node:path';
import { SourceError } from '../../errors.ts';
import type { Post } from '../../model.ts';
import { counted, quoted } from '../../shown.ts';
import { type Bytes, bodyOf, fileBytes, unzipped } from '../bytes.ts';
import { pageText } from '../charset.ts';
import { tellLeftOut } from '../left-out.ts';
import { paged } from '../paged.ts';
import { openParts, type Parts } from '../parts.ts';
import { DamagedFile, type Listing, type SourceContext } from '../source.ts';
import { kindOfEntry, nameOfFiles, readableFiles } from '../target.ts';
import { cappedWarnings, type Warnings } from '../warnings.ts';
import { type BackupEntry, BackupReader } from './backup-xml.ts';
import { kindOf, type Reading, readPost } from './post.ts';
import { openVideo } from './video-page.ts';

const pageSize = 100;

/** A file of a backup, opened as often as it is read. */
interface BackupFile {
  readonly name: string;
  open(): Promise<Bytes>;
}

/** What the owner of a blog backed up, or got by Google Takeout: files in XML, a folder, or a zip. */
export async function openBackup(target: string, context: SourceContext): Promise<Listing> {
  const isFolder = kindOfEntry(target) === 'folder';
  const isPacked = isFolder || /\.zip$/i.test(target);
  const parts = isPacked ? await openParts(target, context.signal) : undefined;
  const files = parts ? filesIn(parts) : await plainFiles(target, context.signal);
  if (files.length === 0) {
    await parts?.close();
    throw new SourceError(`There is no backup of a blog (feed.atom) in ${quoted(target)}.`);
  }
  return {
    name: isFolder ? basename(resolve(target)).replace(/^\.+/, '') || null : nameOfFiles(target),
    trusted: [],
    larger: openVideo(context),
    pages: () => paged(postsIn(files, context), pageSize),
    ...(parts && { close: () => parts.close() }),
  };
}

const feedFile = /(?:^|\/)feed\.atom$/i;

const filesIn = ({ all }: Parts): readonly BackupFile[] =>
  all.flatMap((part) =>
    [...part.names()]
      .filter((name) => feedFile.test(name))
      .map((name) => ({
        name: quoted(part.under + name),
        async open() {
          const opened = await part.open(name);
          if (!opened) throw new DamagedFile('it is not there any more');
          return bodyOf(opened.body);
        },
      })),
  );

async function plainFiles(target: string, signal: AbortSignal): Promise<readonly BackupFile[]> {
  return (await readableFiles(target)).map((file) => ({
    name: quoted(file),
    open: async () => unzipped(fileBytes(file, signal), quoted(file)),
  }));
}

/** As they stand there; of two that bear the same id the first. */
async function* postsIn(
  files: readonly BackupFile[],
  { report, signal }: SourceContext,
): AsyncGenerator<Post> {
  const warnings = cappedWarnings(report, 'the backup');
  const known = new Set<string>();
  try {
    for (const file of files)
      for await (const post of postsOf(file, warnings, files.length > 1)) {
        signal.throwIfAborted();
        if (known.has(post.id)) continue;
        known.add(post.id);
        yield post;
      }
  } finally {
    warnings.close();
  }
}

/** A file that is damaged gives what comes before the damage. */
async function* postsOf(file: BackupFile, warnings: Warnings, isOneOfMany: boolean): AsyncGenerator<Post> {
  const reader = new BackupReader();
  const reading = readingOf(file.name, warnings);
  try {
    const bytes = await file.open();
    const onDamage = () =>
      warnings.warn(
        `${file.name} is not all in the encoding that it names: what is not was replaced by U+FFFD.`,
      );
    for await (const text of pageText(bytes, undefined, onDamage))
      for (const entry of reader.take(text))
        yield* postIn(entry, { file, reading, warnings, nth: reader.count });
    reader.end();
    if (reader.isCut || !reader.isFeed)
      throw new DamagedFile(
        reader.isFeed
          ? `it ends in the middle, after ${counted(reader.count, 'whole entry').replace(/entrys$/, 'entries')}`
          : 'it is no feed',
      );
  } catch (error) {
    if (!(error instanceof DamagedFile)) throw error;
    if (!isOneOfMany && reader.count === 0)
      throw new SourceError(`${file.name} cannot be read: ${error.message}.`, { cause: error });
    warnings.skip(`${file.name} cannot be read to its end: ${error.message}.`);
  }
}

function readingOf(name: string, warnings: Warnings): Reading {
  return {
    dialect: 'backup',
    base: null,
    tell: (post, leftOut) => tellLeftOut(`Post ${post} in ${name}`, leftOut, warnings),
  };
}

interface At {
  readonly file: BackupFile;
  readonly reading: Reading;
  readonly warnings: Warnings;
  readonly nth: number;
}

/** Comments are no posts; settings and the template are nobody's business. */
function postIn(entry: BackupEntry, { file, reading, warnings, nth }: At): readonly Post[] {
  if ('tooLarge' in entry) {
    warnings.skip(`${file.name}: an entry is larger than 32 MiB; it is skipped.`);
    return [];
  }
  const kind = kindOf(entry.raw);
  if (kind !== undefined && kind !== 'post' && kind !== 'page') return [];
  const post = readPost(entry.raw, reading);
  if (!post) warnings.skip(`${file.name}: entry ${nth} has no id; it is skipped.`);
  return post ? [post] : [];
}
