import { createHash } from 'node:crypto';
import { SourceError } from '../../errors.ts';
import { detached } from '../text.ts';
import type { Attachment } from './wxr-attachment.ts';
import { RowStore } from './wxr-rows.ts';

/** The number of an attachment among all of an export. */
export type Row = number;

const most = 4_000_000;

/**
 * All attachments of an export, found by number, by the post they were uploaded for, and by address in whichever size.
 * What is known of each lies outside of the heap: half a million take some 150 MB there, and less than 300 MB of heap.
 */
export class Attachments {
  readonly #rows = new RowStore();
  readonly #byId = new Map<Key, Row>();
  readonly #byParent = new Groups<Key>();
  readonly #byStem = new Groups<number>();
  readonly #shown: number[] = [];
  #hidden = 0;

  add(attachment: Attachment): void {
    const id = keyOf(attachment.id);
    if (this.#byId.has(id)) return;
    if (this.#byId.size >= most)
      throw new SourceError(
        `The export has more than ${most.toLocaleString('en')} attachments: export it in several parts, and archive each.`,
      );
    const row = this.#rows.add(JSON.stringify(attachment));
    this.#byId.set(id, row);
    this.#hidden++;
    if (!isNobody(attachment.parent)) this.#byParent.add(keyOf(attachment.parent), row);
    this.#byStem.add(digest(stemOf(attachment.url)), row);
  }

  at(row: Row): Attachment {
    return JSON.parse(this.#rows.at(row)) as Attachment;
  }

  byId(id: string): Row | undefined {
    return this.#byId.get(keyOf(id));
  }

  childrenOf(parent: string): readonly Row[] {
    return this.#byParent.of(keyOf(parent));
  }

  /** The same file in another size counts; a file that bears the name of a size itself comes first. */
  byAddress(url: string): Row | undefined {
    for (const stem of new Set([stemOf(url), stemOf(withoutSize(url))])) {
      const rows = this.#byStem.of(digest(stem)).slice(0, mostAlike);
      const alike = rows.filter((row) => stemOf(this.at(row).url) === stem);
      const found = alike.find((row) => this.at(row).url === url) ?? alike[0];
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Are there any that no post shows? */
  get hasHidden(): boolean {
    return this.#hidden > 0;
  }

  /** A post shows it. */
  show(row: Row): void {
    if (this.isShown(row)) return;
    this.#hidden--;
    this.#shown[row >> 5] = (this.#shown[row >> 5] ?? 0) | (1 << (row & 31));
  }

  isShown(row: Row): boolean {
    return ((this.#shown[row >> 5] ?? 0) & (1 << (row & 31))) !== 0;
  }
}

const mostAlike = 20;

const isNobody = (id: string): boolean => /^0*$/.test(id);

/** An id as it is held: a small number takes no room of its own. */
export type Key = string | number;

export const keyOf = (id: string): Key => (/^[1-9]\d{0,8}$/.test(id) ? Number(id) : detached(id));

/** Does an address lead to a file of that name, in whichever size? */
export const agree = (one: string, other: string): boolean =>
  lastOf(stemOf(withoutSize(one))) === lastOf(stemOf(withoutSize(other)));

const lastOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

const withoutSize = (url: string): string =>
  url.replace(/-\d{1,5}x\d{1,5}(?=\.[a-z0-9]{1,5}(?:[?#]|$))/i, '');

/** What is left of an address when it says nothing of how it is got, and of what was made of the upload. */
function stemOf(url: string): string {
  if (!URL.canParse(url)) return url;
  const { host, pathname } = new URL(url);
  const whole = /^i\d\.wp\.com$/.test(host) ? pathname.slice(1) : host + pathname;
  return whole.replace(/^www\./, '').replace(/(?:-scaled|-rotated|-e\d{13}){1,3}(?=\.[a-z0-9]{1,5}$)/i, '');
}

/** Two may have the same: who finds by it has to look. */
const digest = (stem: string): number => createHash('md5').update(stem).digest().readUIntBE(0, 6);

/** Rows by what they have in common, which most of them share with nobody. */
class Groups<K> {
  readonly #rows = new Map<K, Row | Row[]>();

  add(key: K, row: Row): void {
    const found = this.#rows.get(key);
    if (found === undefined) this.#rows.set(key, row);
    else if (typeof found === 'number') this.#rows.set(key, [found, row]);
    else found.push(row);
  }

  of(key: K): readonly Row[] {
    const found = this.#rows.get(key);
    return typeof found === 'number' ? [found] : (found ?? []);
  }
}
