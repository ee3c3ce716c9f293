import { SourceError } from '../../errors.ts';
import type { Post } from '../../model.ts';
import { counted, quoted } from '../../shown.ts';
import { fileBytes, unreadable } from '../bytes.ts';
import { isObject } from '../json-path.ts';
import { assembled } from '../json-stream.ts';
import { paged } from '../paged.ts';
import type { Listing, SourceContext } from '../source.ts';
import { firstText, nameOfFiles, readableFiles } from '../target.ts';
import { decoded } from '../text.ts';
import { cappedWarnings, type Warnings } from '../warnings.ts';
import { isWrapped } from './export-look.ts';
import { type ExportWay, exportPost } from './export-post.ts';
import { type Row, TableFinder, Tables } from './export-tables.ts';
import type { GhostSettings } from './settings.ts';

const pageSize = 50;

interface Way {
  readonly own: GhostSettings;
  readonly context: SourceContext;
}

/** The JSON that Ghost exports. It is read twice, for what belongs to a post may stand before or behind it. */
export async function openExport(file: string, { own, context }: Way): Promise<Listing> {
  await readableFiles(file).catch((error) => Promise.reject(unreadable(file, error)));
  return {
    name: nameOfFiles(file),
    trusted: own.site === undefined ? [] : [own.site],
    isUnchecked: true,
    pages: () => paged(postsOf(file, { own, context }), pageSize),
  };
}

async function* postsOf(file: string, { own, context }: Way): AsyncGenerator<Post> {
  const warnings = cappedWarnings(context.report, 'the export of Ghost');
  const name = quoted(file);
  const homeless = { addresses: 0 };
  try {
    const tables = new Tables();
    let isFound = false;
    for await (const { table, value } of rowsOf(file, context.signal, warnings)) {
      isFound ||= table === 'posts';
      tables.add(table, value);
    }
    if (tables.isFull)
      warnings.warn(`${name} has more tags of posts than can be held: some posts are listed without theirs.`);
    const way: ExportWay = { site: own.site, tables, name, warnings, homeless };
    for await (const { table, value, nth } of rowsOf(file, context.signal, undefined)) {
      const post = table === 'posts' && isObject(value) ? exportPost(value, way) : undefined;
      if (post) yield post;
      else if (table === 'posts') warnings.skip(`In ${name} post ${nth} cannot be read; it is skipped.`);
    }
    if (!isFound) warnings.warn(`There are no posts in ${name}.`);
  } finally {
    tellOfHomeless(homeless.addresses, name, warnings);
    warnings.close();
  }
}

/** All rows of all tables, one at a time. */
async function* rowsOf(
  file: string,
  signal: AbortSignal,
  warnings: Warnings | undefined,
): AsyncGenerator<Row & { readonly nth: number }> {
  const finder = new TableFinder(isWrapped(firstText(file)));
  const name = quoted(file);
  const text = decoded(fileBytes(file, signal), () =>
    warnings?.warn(`${name} is not all UTF-8: what is not was replaced by U+FFFD.`),
  );
  let [table, nth] = ['', 0];
  for await (const value of assembled(text, name, finder)) {
    nth = table === finder.table ? nth + 1 : 1;
    table = finder.table;
    yield { table, value, nth };
  }
  if (table === '' && !finder.isFound) throw noTables(name);
}

const noTables = (name: string): SourceError =>
  new SourceError(`${name} begins as an export of Ghost, but there are no tables in it.`);

function tellOfHomeless(addresses: number, name: string, warnings: Warnings): void {
  if (addresses > 0)
    warnings.skip(
      `${counted(addresses, 'place')} in ${name} ${addresses === 1 ? 'stands' : 'stand'} for the address of the site, which an export does not tell: what lies there is left out. Give it, as in -o sources.ghost.site=https://blog.example.`,
    );
}
