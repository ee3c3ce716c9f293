import { createHash, type Hash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { crc32c } from './crc32.ts';

export type Algorithm = 'sha256' | 'sha512' | 'sha1' | 'md5' | 'crc32c';

/** A sum that a server says its bytes have, as they cross the wire: those of this message, or of the whole file. */
export interface Announced {
  readonly header: string;
  readonly algorithm: Algorithm;
  readonly hex: string;
  readonly of: 'message' | 'whole';
}

/** What is known of an answer: its status, and whether its body bears a content coding. */
interface About {
  readonly status: number;
  readonly coded: boolean;
}

type Pair = readonly [name: string, base64: string];

interface Field {
  readonly header: string;
  readonly of: Announced['of'];
  readonly read: (text: string) => Pair[];
  /** Whether what it says is of bytes that we get to see. */
  readonly counts: (about: About, textOf: (header: string) => string) => boolean;
}

const longestField = 8192;
const mostMembers = 16;

/** What the head of an answer says of its bytes. What cannot be read, or is of other bytes than ours, says nothing. */
export function announcedDigests(headers: IncomingHttpHeaders, about: About): Announced[] {
  const textOf = (header: string) => [headers[header.toLowerCase()] ?? []].flat().join(', ').trim();
  return fields.flatMap(({ header, of, read, counts }) => {
    const text = textOf(header);
    if (text === '' || text.length > longestField || !counts(about, textOf)) return [];
    return [...sumsIn(read(text))].map(([algorithm, hex]) => ({ header, algorithm, hex, of }));
  });
}

function sumsIn(pairs: readonly Pair[]): Map<Algorithm, string> {
  const sums = new Map<Algorithm, string>();
  for (const [name, base64] of pairs) {
    const algorithm = algorithms.get(name.toLowerCase());
    const hex = algorithm && hexOf(base64, lengths[algorithm]);
    if (hex) sums.set(algorithm, hex);
  }
  // It is the weakest, and says nothing of these bytes that the others beside it would not.
  if (sums.size > 1) sums.delete('crc32c');
  return sums;
}

const algorithms: ReadonlyMap<string, Algorithm> = new Map<string, Algorithm>([
  ['sha-256', 'sha256'],
  ['sha-512', 'sha512'],
  ['sha', 'sha1'],
  ['sha-1', 'sha1'],
  ['md5', 'md5'],
  ['crc32c', 'crc32c'],
]);

const lengths: Readonly<Record<Algorithm, number>> = { sha256: 32, sha512: 64, sha1: 20, md5: 16, crc32c: 4 };

/** Only what is written just as we would write it is taken: a sum misread would cost a file that is sound. */
function hexOf(base64: string, length: number): string | undefined {
  const bytes = Buffer.from(base64, 'base64');
  return bytes.length === length && bytes.toString('base64') === base64 ? bytes.toString('hex') : undefined;
}

/** A part can be joined to a whole only where it bears no coding, so only then is a sum of the whole of use. */
const ofWhole: Field['counts'] = ({ status, coded }) => status !== 206 || !coded;

/** A sum taken when the file was stored; if the answer is coded and the file is not, or the reverse, it is of others. */
const asStored: Field['counts'] = ({ coded }, textOf) => {
  const stored = textOf('x-goog-stored-content-encoding').toLowerCase();
  return (stored !== '' && stored !== 'identity') === coded;
};

/** Some sums of parts are no sums of the whole; and whether a coding was there when it was stored nobody says. */
const ofObject: Field['counts'] = ({ status, coded }, textOf) =>
  status === 200 && !coded && !/composite/i.test(textOf('x-amz-checksum-type'));

const fields: readonly Field[] = [
  { header: 'Content-Digest', of: 'message', read: dictionary, counts: () => true },
  { header: 'Repr-Digest', of: 'whole', read: dictionary, counts: ofWhole },
  { header: 'Digest', of: 'whole', read: list, counts: ofWhole },
  { header: 'Content-MD5', of: 'message', read: bare('md5'), counts: ({ status }) => status === 200 },
  {
    header: 'x-goog-hash',
    of: 'whole',
    read: list,
    counts: (about, textOf) => ofWhole(about, textOf) && asStored(about, textOf),
  },
  { header: 'x-ms-blob-content-md5', of: 'whole', read: bare('md5'), counts: ({ coded }) => !coded },
  { header: 'x-amz-checksum-sha256', of: 'whole', read: bare('sha-256'), counts: ofObject },
  { header: 'x-amz-checksum-sha1', of: 'whole', read: bare('sha-1'), counts: ofObject },
  { header: 'x-amz-checksum-crc32c', of: 'whole', read: bare('crc32c'), counts: ofObject },
];

function bare(name: string): Field['read'] {
  return (text) => [[name, text]];
}

/** `SHA-256=base64,md5=base64`, of older days. */
function list(text: string): Pair[] {
  return text.split(',', mostMembers).flatMap((member) => {
    const [, name, base64] = /^([\w-]+)=([\w+/]+=*)$/.exec(member.trim()) ?? [];
    return name !== undefined && base64 !== undefined ? [[name, base64] as const] : [];
  });
}

const key = '[a-z*][a-z0-9_.*-]*';
const quoted = '"(?:[ !#-\\[\\]-~]|\\\\["\\\\])*"';
const item = `:[A-Za-z0-9+/=]*:|${quoted}|\\?[01]|@?-?\\d+(?:\\.\\d+)?|[A-Za-z*][\\w!#$%&'*+.^\`|~:/-]*`;
const anyMember = new RegExp(
  `(${key})(?:=(${item}|\\((?:[^()"]|${quoted})*\\)))?(?:; *${key}(?:=(?:${item}))?)*`,
  'y',
);
const comma = /[ \t]*,[ \t]*/y;

/** `sha-256=:base64:;parameter, sha-512=:base64:` of RFC 9651, which wants a field with one mistake ignored as a whole. */
function dictionary(text: string): Pair[] {
  const pairs: Pair[] = [];
  for (let at = 0; pairs.length < mostMembers; ) {
    const [, name, value = ''] = matchAt(anyMember, text, at) ?? [];
    if (name === undefined) return [];
    pairs.push([name, /^:(.*):$/.exec(value)?.[1] ?? '']);
    if (anyMember.lastIndex === text.length) return pairs;
    if (!matchAt(comma, text, anyMember.lastIndex)) return [];
    at = comma.lastIndex;
  }
  return pairs;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** Sums of bytes as they pass, to be asked for at any time. */
export class Sums {
  readonly #hashes = new Map<Algorithm, Hash>();
  #crc32c: number | undefined;

  constructor(algorithms: Iterable<Algorithm>) {
    for (const algorithm of new Set(algorithms)) {
      if (algorithm === 'crc32c') this.#crc32c = 0;
      else this.#hashes.set(algorithm, createHash(algorithm));
    }
  }

  update(chunk: Uint8Array): void {
    for (const hash of this.#hashes.values()) hash.update(chunk);
    if (this.#crc32c !== undefined) this.#crc32c = crc32c(chunk, this.#crc32c);
  }

  /** Of all that has passed until now. */
  hex(algorithm: Algorithm): string {
    if (algorithm === 'crc32c' && this.#crc32c !== undefined)
      return this.#crc32c.toString(16).padStart(8, '0');
    const hash = this.#hashes.get(algorithm);
    if (!hash) throw new Error(`${algorithm} was not asked for when the sums were begun`);
    return hash.copy().digest('hex');
  }
}

/** In words, the first announced sum that the bytes do not have. */
export function disagreement(announced: Iterable<Announced>, sums: Sums): string | undefined {
  for (const { header, algorithm, hex } of announced) {
    const got = sums.hex(algorithm);
    if (got !== hex) return `${header} ${algorithm} ${hex}, got ${got}`;
  }
  return undefined;
}
