import { SourceError, sentence } from '../../errors.ts';
import type { Post } from '../../model.ts';
import { counted, quoted } from '../../shown.ts';
import { bodyOf } from '../bytes.ts';
import type { JsonObject } from '../json-path.ts';
import { paged } from '../paged.ts';
import { openParts, type Part } from '../parts.ts';
import { DamagedFile, type Listing, type SourceContext } from '../source.ts';
import { nameOfFiles } from '../target.ts';
import { decoded } from '../text.ts';
import { cappedWarnings, type Warnings } from '../warnings.ts';
import { type Fields, rowsOf } from './export-rows.ts';
import { linkTo, readSubstackPost } from './post.ts';
import type { SubstackSettings } from './settings.ts';

const pageSize = 50;
const largest = 32 * 2 ** 20;

interface Way {
  readonly own: SubstackSettings;
  readonly context: SourceContext;
}

/** What Substack gives an author: a table of posts, a file of HTML for each. Lists of subscribers are never opened. */
export async function openExport(target: string, { own, context }: Way): Promise<Listing> {
  const parts = await openParts(target, context.signal);
  const found = parts.all.map(contentsOf).filter(({ table, texts }) => table !== undefined || texts.size > 0);
  if (found.length === 0) {
    await parts.close();
    throw new SourceError(`There is neither a posts.csv nor a post in ${quoted(target)}.`);
  }
  return {
    name: nameOfFiles(target),
    trusted: own.site === undefined ? [] : [own.site],
    pages: () => paged(postsOf(found, { own, context }), pageSize),
    close: () => parts.close(),
  };
}

/** Where the posts of an export are. */
interface Contents {
  readonly part: Part;
  readonly table: string | undefined;
  /** The files of posts by their ids. */
  readonly texts: ReadonlyMap<string, string>;
}

function contentsOf(part: Part): Contents {
  const texts = new Map<string, string>();
  let table: string | undefined;
  for (const name of part.names()) {
    if (/(?:^|\/)posts\.csv$/.test(name) && !name.startsWith('__MACOSX/')) table ??= name;
    const [, id] = /(?:^|\/)posts\/(\d{1,20})\.[^/]*\.html?$/.exec(name) ?? [];
    if (id !== undefined && !texts.has(id) && !name.startsWith('__MACOSX/')) texts.set(id, name);
  }
  return { part, table, texts };
}

async function* postsOf(all: readonly Contents[], { own, context }: Way): AsyncGenerator<Post> {
  const warnings = cappedWarnings(context.report, 'the export of Substack');
  const shown = new Set<string>();
  try {
    for (const contents of all)
      for await (const one of postsIn(contents, shown, { contents, own, warnings })) {
        context.signal.throwIfAborted();
        yield one;
      }
  } finally {
    warnings.close();
  }
}

/** Those of the table in its order, then those that only have a text. */
async function* postsIn(contents: Contents, shown: Set<string>, reading: Reading): AsyncGenerator<Post> {
  const { warnings } = reading;
  for await (const row of tableOf(contents, warnings)) {
    const [, id] = /^(\d{1,20})(?:\.|$)/.exec(row.post_id ?? '') ?? [];
    if (id === undefined) warnings.skip('A line of posts.csv has no id of a post; it is skipped.');
    if (id === undefined || shown.has(id)) continue;
    shown.add(id);
    yield* post(id, row, reading);
  }
  const loose = [...contents.texts.keys()].filter((id) => !shown.has(id));
  if (loose.length > 0 && contents.table !== undefined)
    warnings.warn(
      `${counted(loose.length, 'post')} of the export ${loose.length === 1 ? 'is' : 'are'} not in its posts.csv, and listed without a date.`,
    );
  for (const id of loose) yield* post(id, {}, reading);
}

async function* tableOf({ part, table }: Contents, warnings: Warnings): AsyncGenerator<Fields> {
  if (table === undefined)
    return warnings.warn('The export has no posts.csv: its posts have neither dates nor titles.');
  try {
    const opened = await part.open(table);
    if (opened) yield* rowsOf(bodyOf(opened.body), (fault) => warnings.skip(`In posts.csv ${fault}.`));
  } catch (error) {
    if (!isOfFile(error)) throw error;
    warnings.skip(`posts.csv cannot be read to its end: ${sentence(error).replace(/\.$/, '')}.`);
  }
}

interface Reading {
  readonly contents: Contents;
  readonly own: SubstackSettings;
  readonly warnings: Warnings;
}

async function* post(id: string, row: Fields, { contents, own, warnings }: Reading): AsyncGenerator<Post> {
  const file = contents.texts.get(id);
  const html = file === undefined ? undefined : await textOf(contents.part, file, warnings);
  const slug = slugIn(file) ?? slugIn(row.post_id);
  const base = own.site ?? null;
  const canonical = row.is_published === 'true' ? linkTo(base, slug) : null;
  const raw: JsonObject = {
    ...row,
    id,
    ...(slug && { slug }),
    ...(html !== undefined && { body_html: html }),
  };
  const read = readSubstackPost({ ...raw, canonical_url: canonical }, { base, name: 'the export', warnings });
  if (!read) return;
  const { passing: _, ...kept } = read;
  yield { ...kept, url: canonical, raw };
}

const slugIn = (name: string | undefined): string | undefined =>
  /(?:^|\/)\d{1,20}\.([^/]{1,500}?)(?:\.html?)?$/.exec(name ?? '')?.[1];

async function textOf(part: Part, file: string, warnings: Warnings): Promise<string | undefined> {
  const shown = quoted(file, 200);
  try {
    const opened = await part.open(file);
    if (!opened) throw new DamagedFile('it is not there any more');
    if (opened.bytes > largest) {
      opened.body.destroy();
      throw new DamagedFile('it is larger than 32 MiB');
    }
    let html = '';
    const tell = () => warnings.warn(`${shown} is not all UTF-8: what is not was replaced by U+FFFD.`);
    for await (const text of decoded(bodyOf(opened.body), tell)) html += text;
    return html;
  } catch (error) {
    if (!isOfFile(error)) throw error;
    warnings.skip(
      `${shown} cannot be read, and its post is listed without text: ${sentence(error).replace(/\.$/, '')}.`,
    );
    return undefined;
  }
}

/** Is it this file alone that cannot be read? */
const isOfFile = (error: unknown): error is Error =>
  error instanceof DamagedFile || error instanceof SourceError;
