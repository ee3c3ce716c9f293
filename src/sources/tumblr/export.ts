import { basename, resolve } from 'node:path';
import { OxbowError, SourceError } from '../../errors.ts';
import type { Post } from '../../model.ts';
import { counted, quoted } from '../../shown.ts';
import { kindOfAddress } from '../address.ts';
import { type Bytes, bodyOf } from '../bytes.ts';
import { paged } from '../paged.ts';
import { DamagedFile, type Listing, type SourceContext } from '../source.ts';
import { kindOfEntry, nameOfFiles } from '../target.ts';
import { decoded } from '../text.ts';
import { cappedWarnings, type Warnings } from '../warnings.ts';
import { Contents, type ExportFile, encoded, openFile, pathOf } from './export-contents.ts';
import { dateOfPage, readExportPage } from './export-page.ts';
import { openParts } from './export-parts.ts';
import { PostMedia } from './media.ts';

export { claimsExport } from './export-look.ts';

const pageSize = 100;
const largestPage = 32 * 2 ** 20;

/** Some exports have their posts in XML of the old API: whoever can read that is handed it. */
export type ReadXml = (bytes: Bytes, name: string) => AsyncIterable<Post>;

/** What a user was sent by Tumblr: a folder, a zip, or several. It hands over its media itself. */
export async function openExport(
  target: string,
  context: SourceContext,
  { readXml }: { readonly readXml?: ReadXml } = {},
): Promise<Listing> {
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
    pages: () => paged(postsOf(contents, context, readXml), pageSize),
    close: () => parts.close(),
  };
}

/** The newest first, by their ids; behind them what no name says anything of. */
async function* postsOf(
  contents: Contents,
  { report, signal }: SourceContext,
  readXml: ReadXml | undefined,
): AsyncGenerator<Post> {
  const warnings = cappedWarnings(report, 'the export');
  try {
    tellOfRest(contents, { warnings, readsXml: readXml !== undefined });
    for (const id of contents.ids()) {
      signal.throwIfAborted();
      const post = await readPost(id, contents, warnings);
      if (post) yield post;
    }
    for (const file of readXml ? contents.xml : [])
      for await (const post of xmlPosts(file, readXml!, warnings))
        if (!contents.pages.has(post.id)) yield post;
    for (const url of contents.loose()) yield loosePost(url);
  } finally {
    warnings.close();
  }
}

function tellOfRest(
  { account, pages, refused, xml }: Contents,
  { warnings, readsXml }: { warnings: Warnings; readsXml: boolean },
): void {
  if (account !== undefined)
    warnings.warn(`The export has data of the account, such as ${quoted(account)}: no posts, left out.`);
  if (refused > 0)
    warnings.warn(
      `${counted(refused, 'entry').replace(/entrys$/, 'entries')} of the export left out: links, doubles, or names that lead out of it.`,
    );
  if (xml.length > 0 && !readsXml)
    warnings[pages.size > 0 ? 'warn' : 'skip'](`${quoted(pathOf(xml[0]!))} in the export is not read.`);
}

/** A post with its page; or one of which only media are there, for the page may have been left out by mistake. */
async function readPost(id: string, contents: Contents, warnings: Warnings): Promise<Post | undefined> {
  const file = contents.pages.get(id);
  if (!file) return postOf(id, undefined, contents);
  const shown = quoted(pathOf(file));
  try {
    const bytes = await pageBytes(file);
    let html = '';
    for await (const text of decoded(bytes, () =>
      warnings.warn(`${shown} is not all UTF-8: what is not was replaced by U+FFFD.`),
    ))
      html += text;
    return postOf(id, { path: pathOf(file), html }, contents, (fault) =>
      warnings.warn(`In ${shown}: ${fault}.`),
    );
  } catch (error) {
    if (!(error instanceof DamagedFile || error instanceof OxbowError)) throw error;
    warnings.skip(`${shown} cannot be read, and is skipped: ${error.message.replace(/\.$/, '')}.`);
    return contents.mediaOf(id).length > 0 ? postOf(id, undefined, contents) : undefined;
  }
}

async function pageBytes(file: ExportFile): Promise<Bytes> {
  const opened = await openFile(file);
  if (!opened) throw new DamagedFile('it is not there any more');
  if (opened.bytes <= largestPage) return bodyOf(opened.body);
  opened.body.destroy();
  throw new DamagedFile('it is larger than 32 MiB');
}

interface PageText {
  readonly path: string;
  readonly html: string;
}

function postOf(
  id: string,
  text: PageText | undefined,
  contents: Contents,
  tell: (fault: string) => void = () => undefined,
): Post {
  const page = text && readExportPage(text.html);
  const date = dateOfPage(page?.timestamp);
  const named = new Set<string>();
  const media = new PostMedia(
    { post: id, date },
    {
      page: text ? encoded(text.path) : '',
      resolve(path) {
        const address = contents.addressOfPath(path);
        if (address !== undefined) named.add(address);
        return address;
      },
    },
  );
  if (page) media.addHtml(page.html);
  // Pages are known to lack pictures, and to show the wrong ones: whatever is called by the post belongs to it.
  for (const address of contents.mediaOf(id).filter((one) => !named.has(one)))
    media.add(kindOfAddress(address), [{ url: `/${address.slice('export:'.length)}` }]);
  if (media.faults !== '') tell(`left out ${media.faults}`);
  return {
    id,
    date,
    url: null,
    raw: page ?? { html: null },
    items: media.items,
    ...(page && page.tags.length > 0 && { tags: page.tags }),
  };
}

async function* xmlPosts(file: ExportFile, readXml: ReadXml, warnings: Warnings): AsyncGenerator<Post> {
  const shown = quoted(pathOf(file));
  try {
    const opened = await openFile(file);
    if (opened) yield* readXml(bodyOf(opened.body), shown);
  } catch (error) {
    if (!(error instanceof DamagedFile)) throw error;
    warnings.skip(`${shown} cannot be read, and is skipped: ${error.message}.`);
  }
}

/** A medium that belongs to nothing is a post of its own, as in a list of addresses. */
function loosePost(url: string): Post {
  const item = { id: url, kind: kindOfAddress(url), url, alternates: [], post: null, date: null, index: 0 };
  return { id: url, date: null, url: null, raw: { file: url }, items: [item] };
}
