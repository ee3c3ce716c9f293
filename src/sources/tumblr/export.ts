import { basename, resolve } from 'node:path';
import { SourceError } from '../../errors.ts';
import type { Post } from '../../model.ts';
import { counted, quoted } from '../../shown.ts';
import { type Bytes, bodyOf } from '../bytes.ts';
import { paged } from '../paged.ts';
import { openParts } from '../parts.ts';
import { DamagedFile, type Listing, type SourceContext } from '../source.ts';
import { kindOfEntry, nameOfFiles } from '../target.ts';
import { decoded } from '../text.ts';
import { cappedWarnings, type Warnings } from '../warnings.ts';
import { Contents, type ExportFile, openFile, pathOf } from './export-contents.ts';
import { barePost, loosePost, pagePost, xmlPost } from './export-post.ts';
import { NoPosts, postsInXml } from './export-xml.ts';

export { claimsExport } from './export-look.ts';

const pageSize = 100;
const largestPage = 32 * 2 ** 20;

/** What a user was sent by Tumblr: a folder, a zip, or several. It hands over its media itself. */
export async function openExport(target: string, context: SourceContext): Promise<Listing> {
  const parts = await openParts(target, context.signal);
  const contents = new Contents(parts.all);
  if (contents.isEmpty) {
    await parts.close();
    throw new SourceError(`There is neither a post nor a medium of a Tumblr export in ${quoted(target)}.`);
  }
  const isFolder = kindOfEntry(target) === 'folder';
  return {
    name: isFolder ? basename(resolve(target)).replace(/^\.+/, '') || null : nameOfFiles(target),
    trusted: [],
    files: contents,
    pages: () => paged(postsOf(contents, context), pageSize),
    close: () => parts.close(),
  };
}

/** Those in XML as they stand there, the others from the newest on, by their ids; then what no name says anything of. */
async function* postsOf(contents: Contents, { report, signal }: SourceContext): AsyncGenerator<Post> {
  const warnings = cappedWarnings(report, 'the export');
  const inXml = new Set<string>();
  try {
    tellOfRest(contents, warnings);
    for (const file of contents.xml)
      for await (const post of xmlPosts(file, contents, warnings)) {
        signal.throwIfAborted();
        if (contents.pages.has(post.id) || inXml.has(post.id)) continue;
        inXml.add(post.id);
        yield post;
      }
    for (const id of contents.ids()) {
      signal.throwIfAborted();
      const post = inXml.has(id) ? undefined : await readPost(id, contents, warnings);
      if (post) yield post;
    }
    for (const url of contents.loose(inXml)) yield loosePost(url);
  } finally {
    warnings.close();
  }
}

function tellOfRest({ account, refused }: Contents, warnings: Warnings): void {
  if (account !== undefined)
    warnings.warn(`The export has data of the account, such as ${quoted(account)}: no posts, left out.`);
  if (refused > 0)
    warnings.warn(
      `${counted(refused, 'entry').replace(/entrys$/, 'entries')} of the export left out: links, doubles, or names that lead out of it.`,
    );
}

/** A file that is damaged gives what comes before the damage. */
async function* xmlPosts(file: ExportFile, contents: Contents, warnings: Warnings): AsyncGenerator<Post> {
  const [path, shown] = [pathOf(file), quoted(pathOf(file))];
  const tell = (fault: string) => warnings.warn(`In ${shown}: ${fault}.`);
  let nth = 0;
  try {
    for await (const raw of postsInXml(await bytesOf(file), () => tellOfLetters(shown, warnings))) {
      nth++;
      const post = xmlPost(raw, { contents, path, tell });
      if (post) yield post;
      else warnings.skip(`In ${shown} post ${nth} has no id; it is skipped.`);
    }
  } catch (error) {
    if (error instanceof NoPosts)
      return warnings[contents.pages.size > 0 ? 'warn' : 'skip'](`${shown} in the export is not read.`);
    if (!isOfFile(error)) throw error;
    warnings.skip(`${shown} cannot be read${nth > 0 ? ' to its end' : ''}: ${reasonIn(error)}.`);
  }
}

/** A post with its page; or one of which only media are there. */
async function readPost(id: string, contents: Contents, warnings: Warnings): Promise<Post | undefined> {
  const file = contents.pages.get(id);
  if (!file) return barePost(id, contents);
  const [path, shown] = [pathOf(file), quoted(pathOf(file))];
  try {
    const bytes = await bytesOf(file, largestPage);
    let html = '';
    for await (const text of decoded(bytes, () => tellOfLetters(shown, warnings))) html += text;
    const tell = (fault: string) => warnings.warn(`In ${shown}: ${fault}.`);
    return pagePost(id, html, { contents, path, tell });
  } catch (error) {
    if (!isOfFile(error)) throw error;
    warnings.skip(`${shown} cannot be read, and is skipped: ${reasonIn(error)}.`);
    return contents.mediaOf(id).length > 0 ? barePost(id, contents) : undefined;
  }
}

const tellOfLetters = (shown: string, warnings: Warnings) =>
  warnings.warn(`${shown} is not all UTF-8: what is not was replaced by U+FFFD.`);

/** Is it this file alone that cannot be read? */
const isOfFile = (error: unknown): error is Error =>
  error instanceof DamagedFile || error instanceof SourceError;

const reasonIn = ({ message }: Error): string => message.replace(/\.$/, '');

async function bytesOf(file: ExportFile, most = Number.POSITIVE_INFINITY): Promise<Bytes> {
  const opened = await openFile(file);
  if (!opened) throw new DamagedFile('it is not there any more');
  if (opened.bytes <= most) return bodyOf(opened.body);
  opened.body.destroy();
  throw new DamagedFile('it is larger than 32 MiB');
}
