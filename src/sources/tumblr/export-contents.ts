import type { Part } from '../parts.ts';
import type { HandedFile, HandedFiles } from '../source.ts';

/** A file of an export. */
export interface ExportFile {
  readonly part: Part;
  readonly name: string;
}

/** Where a page lies as its own addresses see it. */
export const pathOf = ({ part, name }: ExportFile): string => part.under + name;

export const openFile = ({ part, name }: ExportFile): Promise<HandedFile | undefined> => part.open(name);

const scheme = 'export:';
const page = /(?:^|\/)(\d{1,20})\.html?$/i;
const medium = /^(?:.*\/)?(media|images)(\/.+)$/is;
/** `<post>.jpg`, `<post>_2.jpg` */
const ofPost = /^(\d{1,20})(?:_(\d{1,6}))?\.[^./]+$/;
/** A name that begins with a year, or a day, is not that of a post. */
const shortestId = 9;
const litter = /(?:^|\/)(?:__MACOSX\/|\.|thumbs\.db$|desktop\.ini$)/i;
const account = /(?:^|\/)(?:payload[^/]*\.json$|(?:conversations|messages)[^/]*(?:\/|\.json$|\.html$))/i;

/**
 * What is what in an export, by the names of its files: folder names vary, but a page is called by the id of its post,
 * and so are its media. Of two files of one name the first counts.
 */
export class Contents implements HandedFiles {
  readonly pages = new Map<string, ExportFile>();
  readonly xml: ExportFile[] = [];
  /** The first file with data of the account. */
  account: string | undefined;
  refused = 0;
  readonly #media = new Map<string, ExportFile>();
  readonly #ofPost = new Map<string, string[]>();
  readonly #loose: string[] = [];

  constructor(parts: readonly Part[]) {
    for (const part of parts) {
      this.refused += part.refused;
      for (const name of part.names()) if (!litter.test(name)) this.#sort({ part, name });
    }
    for (const keys of this.#ofPost.values()) keys.sort(byPlace);
  }

  get isEmpty(): boolean {
    return this.pages.size + this.xml.length + this.#media.size === 0;
  }

  /** Of all posts that have a page or media, the newest first. */
  ids(): string[] {
    return [...new Set([...this.pages.keys(), ...this.#orphans()])].sort((a, b) => byNumber(b, a));
  }

  /** The addresses of the media that are called by a post. */
  mediaOf(id: string): readonly string[] {
    return (this.#ofPost.get(id) ?? []).map(addressOf);
  }

  /** Of media that no name says anything of, posts that have no page of their own being known. */
  loose(known: ReadonlySet<string>): readonly string[] {
    const unclaimed = [...this.#ofPost].filter(
      ([id]) => !this.pages.has(id) && !known.has(id) && id.length < shortestId,
    );
    return [...this.#loose, ...unclaimed.flatMap(([, keys]) => keys)].map(addressOf);
  }

  /** What a path that a page leads to is called, whether the file is there or not; undefined if it is no medium. */
  addressOfPath(path: string): string | undefined {
    const key = keyOf(decoded(path.replace(/[?#].*$/s, '')));
    return key === undefined ? undefined : addressOf(key);
  }

  async open(address: string): Promise<HandedFile | undefined> {
    const file = this.#media.get(decoded(address.slice(scheme.length)));
    return file && openFile(file);
  }

  #sort(file: ExportFile): void {
    const path = pathOf(file);
    const key = keyOf(path);
    if (key !== undefined && !/\.zip$/i.test(key)) this.#addMedium(key, file);
    else if (account.test(path)) this.account ??= path;
    else if (/\.xml$/i.test(path)) this.xml.push(file);
    else {
      const id = page.exec(path)?.[1];
      if (id !== undefined && !this.pages.has(id)) this.pages.set(id, file);
    }
  }

  #addMedium(key: string, file: ExportFile): void {
    if (this.#media.has(key)) return;
    this.#media.set(key, file);
    const id = ofPost.exec(lastOf(key))?.[1];
    if (id === undefined) this.#loose.push(key);
    else if (!this.#ofPost.get(id)?.push(key)) this.#ofPost.set(id, [key]);
  }

  *#orphans(): Generator<string> {
    for (const id of this.#ofPost.keys()) if (id.length >= shortestId) yield id;
  }
}

/** Its path from the folder of the media on: the folders above bear another name with everybody. */
function keyOf(path: string): string | undefined {
  const [, folder, rest] = medium.exec(path) ?? [];
  return folder && rest && folder.toLowerCase() + rest;
}

const lastOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

const addressOf = (key: string): string => scheme + encoded(key);

/** A path as it stands in addresses. */
export const encoded = (path: string): string => path.split('/').map(encodeURIComponent).join('/');

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // a stray % is part of the name
  }
}

/** Ids are longer than numbers can be. */
function byNumber(a: string, b: string): number {
  const [x, y] = [a, b].map((id) => id.replace(/^0+/, '')) as [string, string];
  return x.length - y.length || (x < y ? -1 : x > y ? 1 : a.length - b.length);
}

const placeOf = (key: string): number => Number(ofPost.exec(lastOf(key))?.[2] ?? -1);
const byPlace = (a: string, b: string): number => placeOf(a) - placeOf(b) || (a < b ? -1 : 1);
