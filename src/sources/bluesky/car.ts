import { SourceError, sentence, UsageError } from '../../errors.ts';
import type { Page, Post } from '../../model.ts';
import { counted, quoted } from '../../shown.ts';
import { fileBytes } from '../bytes.ts';
import { paged } from '../paged.ts';
import type { Listing, SourceContext } from '../source.ts';
import { nameOfFiles, readableFiles } from '../target.ts';
import { cappedWarnings, type Warnings } from '../warnings.ts';
import { BrokenCar, carParts, type Part } from './car-blocks.ts';
import { type Survey, survey } from './car-survey.ts';
import { nameInWords, valueIn } from './car-values.ts';
import { documentOf, identityOf } from './identity.ts';
import { type Shelf, usualPds } from './items.ts';
import { openLarger } from './larger.ts';
import { readRecord } from './post.ts';
import { readProfileRecord } from './profile.ts';
import type { BlueskySettings } from './settings.ts';

const pageSize = 100;

interface Way {
  readonly settings: BlueskySettings;
  readonly context: SourceContext;
}

/**
 * The export of an account. It is read twice: its tree names the keys of the records, and may stand behind them. Media are
 * not in it: they are had from the server on which the account lies.
 */
export async function openCar(target: string, way: Way): Promise<Listing> {
  const { settings, context } = way;
  const [file, ...others] = await readableFiles(target);
  if (file === undefined || others.length > 0)
    throw new UsageError(`${quoted(target)} names several exports; each is an archive of its own.`);
  const found = await survey(file, context.signal);
  const name = quoted(file);
  if (found.did === undefined)
    throw new SourceError(
      `${name} ${found.broken ?? 'does not say whose export it is'}: there is nothing in it that could be listed.`,
    );
  const { did } = found;
  return {
    name: nameOfFiles(target),
    trusted: settings.named,
    listedAs: `export of ${did}`,
    larger: openLarger(settings, context),
    pages: () => pages({ file, name, did, found }, way),
  };
}

interface Export {
  readonly file: string;
  readonly name: string;
  readonly did: string;
  readonly found: Survey;
}

async function* pages(one: Export, way: Way): AsyncGenerator<Page> {
  const { did, name, found } = one;
  const warnings = cappedWarnings(way.context.report, name);
  try {
    tellOf(one, warnings);
    const shelf = await shelfOf(did, way, warnings);
    const blog = { id: did, raw: { did } };
    for await (const page of paged(postsOf(one, { shelf, warnings, context: way.context }), pageSize))
      yield { ...page, blog };
    if (found.broken !== undefined)
      throw new SourceError(`${name} ${found.broken}: what it had until there was listed.`);
  } finally {
    warnings.close();
  }
}

function tellOf({ name, found }: Export, warnings: Warnings): void {
  for (const fault of found.faults) warnings.skip(`${name}: ${fault}; it is not used.`);
  if (found.faulty > found.faults.length)
    warnings.skip(`${name}: ${counted(found.faulty - found.faults.length, 'more block')} cannot be used.`);
  if (found.surplus > 0)
    warnings.skip(`${name} names ${counted(found.surplus, 'post')} more than are taken of one export.`);
}

/** The posts are here whether the directory answers or not. */
async function shelfOf(did: string, { settings, context }: Way, warnings: Warnings): Promise<Shelf> {
  const { cdn, plc } = settings;
  if (settings.pds !== undefined) return { did, pds: settings.pds, cdn };
  try {
    const { pds } = await identityOf(did, settings, { name: `The account ${did}`, context, warnings });
    return { did, pds, cdn };
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    warnings.warn(`Where the media of this export lie could not be found out: ${sentence(error)}`);
    return { did, pds: usualPds, document: documentOf(did, plc), cdn };
  }
}

interface Reading {
  readonly shelf: Shelf;
  readonly warnings: Warnings;
  readonly context: SourceContext;
}

/** What every post has in it, as it is written in CBOR: a word of five letters, and one of eighteen. */
const postMark = Buffer.from('\x65$type\x72app.bsky.feed.post', 'latin1');

async function* postsOf(one: Export, reading: Reading): AsyncGenerator<Post> {
  const { name, found } = one;
  const seen = new Set<string>();
  let nameless = 0;
  for await (const part of wholeParts(one, reading.context)) {
    const block = part.name.toString('latin1');
    const keys = found.keys.get(block);
    if (keys === undefined && part.bytes.includes(postMark)) nameless++;
    if (keys === undefined || seen.has(block)) continue;
    seen.add(block);
    yield* postsIn(part, keys.split(' '), one, reading);
  }
  if (nameless > 0 && found.surplus === 0)
    reading.warnings.skip(
      `${name} holds ${counted(nameless, 'post')} without their keys, for a part of its tree is damaged or lacks: they are left out. Export the account anew, or name the account itself.`,
    );
  const lacking = found.keys.size - seen.size;
  if (lacking === 0) return;
  const why = found.broken === undefined ? 'it is a part of an export, or damaged' : 'it is cut';
  reading.warnings.skip(
    `${name} names ${counted(lacking, 'record')} that it does not hold, or not whole: ${why}.`,
  );
}

type Whole = Extract<Part, { name: Buffer }>;

/** As far as it goes; where it ends too early was found before, and is told at the end. */
async function* wholeParts({ file }: Export, { signal }: SourceContext): AsyncGenerator<Whole> {
  try {
    for await (const part of carParts(fileBytes(file, signal))) if ('name' in part) yield part;
  } catch (error) {
    if (!(error instanceof BrokenCar)) throw error;
  }
}

/** One in all but a few cases: what is said twice at the same moment is one block under two keys. */
function* postsIn(part: Whole, keys: readonly string[], one: Export, reading: Reading): Generator<Post> {
  const [cid, value] = [nameInWords(part.name), valueIn(part.bytes)];
  for (const key of keys) {
    const post = postIn({ uri: `at://${one.did}/${key}`, cid, value }, reading);
    if (post) yield post;
    else reading.warnings.skip(`${one.name}: the record ${quoted(key, 100)} is no post; it is skipped.`);
  }
}

const postIn = (
  record: { readonly uri: string; readonly cid: string; readonly value: unknown },
  { shelf, warnings }: Reading,
): Post | undefined =>
  record.uri.endsWith('/app.bsky.actor.profile/self')
    ? readProfileRecord(record, shelf)
    : readRecord(record, { shelfOf: () => shelf, warn: (message) => warnings.warn(message) });
