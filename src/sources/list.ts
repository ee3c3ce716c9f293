import type { Kind, MediaItem, Post } from '../model.ts';
import { settingsOf } from '../options.ts';
import { quoted } from '../shown.ts';
import { isAddress, kindOfAddress, nameOfAddress, normalise } from './address.ts';
import { type Bytes, fileBytes, stdinBytes, unzipped } from './bytes.ts';
import { readSha256 } from './checksum.ts';
import { readDate } from './date.ts';
import { kindOfType } from './elements.ts';
import { paged } from './paged.ts';
import type { Listing, Source, SourceContext } from './source.ts';
import { everyFile, firstText, nameOfFiles, readableFiles, withoutPrefix } from './target.ts';
import { decoded, detached, lines } from './text.ts';
import { cappedWarnings, type Warnings } from './warnings.ts';

const stdin = '-';
const longestLine = 2 ** 20;
const pageSize = 200;

/** Addresses of media, one a line; further columns by tabs: post, date, kind, expected SHA-256. */
export const list: Source = {
  name: 'list',
  takes:
    'a list of media addresses: a text file, a pattern of such files, or - for standard input; the address of a picture, a video or a sound',
  settings: {},
  breadth: 'format',
  claims: (target) => target === stdin || everyFile(target, isList),
  async recognises({ target, type, status }) {
    const isMedia = status === 200 && /^(image|video|audio)\//.test(type);
    return isMedia ? { target, why: `its server calls it ${type}` } : undefined;
  },
  async open(target, context, sight) {
    settingsOf('list', [], context.settings);
    const place = withoutPrefix('list', target);
    if (isAddress(place) && URL.canParse(place)) return alone(place, sight?.type);
    const files = place === stdin ? [stdin] : await readableFiles(place);
    return {
      name: place === stdin ? null : nameOfFiles(place),
      trusted: [],
      pages: () => paged(addressesIn(files, context), pageSize),
    };
  },
};

/** A media file for a target is a list of one address. */
function alone(address: string, type: string | undefined): Listing {
  const url = normalise(address)!;
  const item = bareItem(url);
  const post = addressPost({ ...item, kind: kindOfType(type) ?? item.kind }, 0, url);
  return {
    name: nameOfAddress(address),
    trusted: [address],
    async *pages() {
      yield { posts: [post] };
    },
  };
}

function isList(file: string): boolean {
  if (/\.(txt|lst|list|urls|tsv)$/i.test(file)) return true;
  const first = firstText(file)
    .split('\n')
    .map((line) => line.trim())
    .find((line) => line !== '' && !line.startsWith('#'));
  return first !== undefined && isAddress(first);
}

async function* addressesIn(files: readonly string[], context: SourceContext): AsyncGenerator<Post> {
  const warnings = cappedWarnings(context.report, 'the list');
  const run = new Run();
  try {
    for (const file of files) {
      const bytes = file === stdin ? stdinBytes(context.signal) : fileBytes(file, context.signal);
      yield* postsIn(bytes, file === stdin ? 'standard input' : quoted(file), { run, warnings });
    }
  } finally {
    warnings.close();
  }
}

async function* postsIn(
  bytes: Bytes,
  name: string,
  { run, warnings }: { run: Run; warnings: Warnings },
): AsyncGenerator<Post> {
  const text = decoded(unzipped(bytes, name), () =>
    warnings.warn(`${name} is not all UTF-8: what is not was replaced by U+FFFD.`),
  );
  for await (const some of lines(text, longestLine)) {
    for (const { number, text } of some) {
      const row = text === undefined ? 'longer than 1 MiB; the line is skipped' : readRow(text);
      if (typeof row === 'string') warnings.skip(`${name} line ${number} is ${row}.`);
      if (row === undefined || typeof row === 'string') continue;
      if (row.faults.length > 0) warnings.warn(`${name} line ${number}: ${row.faults.join(', ')}; ignored.`);
      yield addressPost(row.item, run.next(row.item.post), row.line);
    }
  }
}

/** A post of one address; also what a bare address given as the target becomes. */
export function addressPost(item: Omit<MediaItem, 'index'>, index: number, line: string): Post {
  return { id: item.id, date: item.date, url: null, raw: { line }, items: [{ ...item, index }] };
}

/** The item of an address of which nothing more is known. */
export function bareItem(url: string): Omit<MediaItem, 'index'> {
  return { id: url, kind: kindOfAddress(url), url, alternates: [], post: null, date: null };
}

/** Counts the lines of one post that follow upon each other. */
class Run {
  #post: string | null = null;
  #at = 0;

  next(post: string | null): number {
    this.#at = post !== null && post === this.#post ? this.#at + 1 : 0;
    this.#post = post;
    return this.#at;
  }
}

interface Row {
  readonly item: Omit<MediaItem, 'index'>;
  readonly line: string;
  /** What is wrong with further columns; they count as empty. */
  readonly faults: readonly string[];
}

/** Nothing for a comment, a text where there is no address in it. */
function readRow(line: string): Row | string | undefined {
  const [address = '', post = '', date = '', kind = '', sha256 = ''] = line
    .split('\t', 5)
    .map((column) => column.trim());
  if (address.startsWith('#') || line.trim() === '') return undefined;
  const url = isAddress(address) ? normalise(address) : undefined;
  if (url === undefined)
    return `not an http address (${quoted(withoutUser(address), 80)}); the line is skipped`;

  const faults: string[] = [];
  const read = <T>(text: string, reader: (text: string) => T | undefined, what: string): T | undefined => {
    const value = text === '' ? undefined : reader(text);
    if (text !== '' && value === undefined) faults.push(`${quoted(text, 80)} is no ${what}`);
    return value;
  };
  const when = read(date, (text) => readDate(text) ?? undefined, 'date');
  const which = read(kind, readKind, 'kind (image, video, audio or file)');
  const sum = read(sha256, readSha256, 'SHA-256 in hex');
  const bare = bareItem(url);
  const item = {
    ...bare,
    kind: which ?? bare.kind,
    post: post === '' ? null : detached(post),
    date: when ?? null,
    ...(sum && { sha256: sum }),
  };
  return { item, line: line.replace(address, withoutUser), faults };
}

const readKind = (text: string) =>
  (['image', 'video', 'audio', 'file'] as const).find((kind: Kind) => kind === text.toLowerCase());

/** A password in an address has no place in what is kept or told. */
const withoutUser = (address: string) => address.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1');
