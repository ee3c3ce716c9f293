import { readFileSync } from 'node:fs';
import { sentence, UsageError } from '../errors.ts';
import type { Download, Reason } from '../model.ts';
import { base32, sumsOfFile } from '../sums.ts';

/** A picture that servers send in place of one that was removed; each of its signs is enough by itself. */
export interface Placeholder {
  readonly sha256?: string;
  /** In base32, as the indexes of web archives have it. */
  readonly sha1?: string;
  readonly bytes?: number;
  /** The final address, where the file behind it may change; `*` stands for any letters. */
  readonly address?: string;
  readonly seen: string;
}

/** Sums the bytes in question; a sum that nobody needs is not made. */
export type SumOf = (algorithm: 'sha1') => Promise<string>;

const VERSION = 2;
/** Placeholders are small; a larger file is summed once more only if an entry has its very size. */
const LARGEST = 2 ** 20;

/** All that is known to be a placeholder, by its signs. */
export class Placeholders {
  readonly #bySha256 = new Map<string, Placeholder>();
  /** Of entries that have no other sum. */
  readonly #bySha1 = new Map<string, Placeholder>();
  readonly #sizes = new Set<number | undefined>();
  readonly #byAddress: { readonly entry: Placeholder; readonly pieces: readonly string[] }[] = [];
  /** As web archives have them in their indexes, for the choosing of captures. */
  readonly digests: ReadonlySet<string>;

  constructor(entries: readonly Placeholder[]) {
    for (const entry of entries) {
      const { sha256, sha1, bytes, address } = entry;
      if (sha256) this.#bySha256.set(sha256, entry);
      else if (sha1) {
        this.#bySha1.set(sha1, entry);
        this.#sizes.add(bytes);
      }
      if (address) this.#byAddress.push({ entry, pieces: bare(address).split('*') });
    }
    this.digests = new Set(entries.flatMap(({ sha1 }) => sha1 ?? []));
  }

  ofSha256(sha256: string): Placeholder | undefined {
    return this.#bySha256.get(sha256);
  }

  async ofSha1(bytes: number, sumOf: SumOf): Promise<Placeholder | undefined> {
    if (!this.#sizes.has(bytes) && !(this.#sizes.has(undefined) && bytes <= LARGEST)) return undefined;
    const entry = this.#bySha1.get(await sumOf('sha1'));
    return entry && (entry.bytes ?? bytes) === bytes ? entry : undefined;
  }

  ofAddress(address: string): Placeholder | undefined {
    return this.#byAddress.find(({ pieces }) => fits(bare(address), pieces))?.entry;
  }
}

/** One address is reached by two schemes. */
const bare = (address: string) => address.replace(/^https?:/, '').replace(/#.*$/, '');

/** The pieces between the asterisks, in their order, the first and the last where an address begins and ends. */
function fits(address: string, [first = '', ...others]: readonly string[]): boolean {
  const last = others.pop();
  if (last === undefined) return address === first;
  if (!address.startsWith(first)) return false;
  let at = first.length;
  for (const piece of others) {
    const found = address.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return address.length - last.length >= at && address.endsWith(last);
}

/** Is it one that is known? Says by which sign, and where that was seen. */
export async function isPlaceholder(
  known: Placeholders,
  download: Pick<Download, 'sha256' | 'bytes' | 'from' | 'memento' | 'part'>,
  sumOf: SumOf = () => sha1Of(download.part),
): Promise<Reason | undefined> {
  const { sha256, bytes } = download;
  const address = contentAddress(download);
  const told = ({ seen }: Placeholder, sign: string): Reason => ({
    code: 'placeholder',
    detail: `${sign}, seen at ${seen}`,
  });
  const bySha256 = known.ofSha256(sha256);
  if (bySha256) return told(bySha256, `sha256 ${sha256}`);
  const byAddress = known.ofAddress(address);
  if (byAddress) return told(byAddress, `sha256 ${sha256} from ${byAddress.address}`);
  const bySha1 = await known.ofSha1(bytes, sumOf);
  return bySha1 && told(bySha1, `sha256 ${sha256}, sha1 ${bySha1.sha1}`);
}

async function sha1Of(file: string): Promise<string> {
  const [sum] = await sumsOfFile(file, ['sha1']);
  return base32(sum!);
}

/** A capture bears the address that it was taken from at its end. */
function contentAddress({ from, memento }: Pick<Download, 'from' | 'memento'>): string {
  const at = Math.max(from.lastIndexOf('/http://'), from.lastIndexOf('/https://'));
  return memento === null ? from : from.slice(at + 1);
}

/** The built-in list, and one of the user's. */
export function readPlaceholders(file: string | null): Placeholders {
  const own = new URL('./placeholders.json', import.meta.url);
  return new Placeholders([
    ...entriesOf(own, 'the built-in list'),
    ...(file === null ? [] : entriesOf(file, file)),
  ]);
}

function entriesOf(file: string | URL, name: string): Placeholder[] {
  let content: { version?: unknown; placeholders?: unknown } | null;
  try {
    content = JSON.parse(readFileSync(file, 'utf8')) as typeof content;
  } catch (error) {
    throw new UsageError(`Cannot read the placeholders of ${name}: ${sentence(error)}.`, { cause: error });
  }
  const { version = 1, placeholders: list } = content ?? {};
  if (typeof version !== 'number' || version > VERSION)
    throw new UsageError(
      `The placeholders of ${name} are of version ${JSON.stringify(version)}; this version of Oxbow reads ${VERSION}.`,
    );
  if (!Array.isArray(list)) throw new UsageError(`The file ${name} has no list of 'placeholders'.`);
  return list.map((entry: unknown, i) => {
    const read = readEntry(entry);
    if (typeof read === 'string') throw new UsageError(`Entry ${i + 1} of ${name} ${read}.`);
    return read;
  });
}

/** The signs that an entry may have, what each must look like, and how it is written. */
const signs = {
  sha256: { form: /^[0-9a-f]{64}$/i, is: '64 hexadecimal digits', as: (text: string) => text.toLowerCase() },
  sha1: { form: /^[a-z2-7]{32}$/i, is: '32 letters of base32', as: (text: string) => text.toUpperCase() },
  address: { form: /^https?:\/\/[^/*]+\//i, is: 'an http address whose host has no *', as: normalised },
} as const;

function normalised(address: string): string {
  return URL.canParse(address) ? new URL(address).href : address;
}

/** An entry as it is used, or what is wrong with it. What else it tells is for people, and kept out. */
function readEntry(entry: unknown): Placeholder | string {
  if (typeof entry !== 'object' || entry === null) return 'is no object';
  const { bytes, seen, ...given } = entry as Record<string, unknown>;
  const read: Record<string, string> = {};
  for (const [name, { form, is, as }] of Object.entries(signs)) {
    const value = given[name];
    if (value === undefined) continue;
    if (typeof value !== 'string' || !form.test(value)) return `has for its ${name} what is not ${is}`;
    read[name] = as(value);
  }
  if (Object.keys(read).length === 0) return 'has neither sha256 nor sha1 nor address';
  if (typeof seen !== 'string' || seen.trim() === '') return `does not say where it was 'seen'`;
  if (bytes === undefined) return { ...read, seen };
  return Number.isSafeInteger(bytes) && (bytes as number) >= 0
    ? { ...read, bytes: bytes as number, seen }
    : 'has bytes that are no whole number';
}
