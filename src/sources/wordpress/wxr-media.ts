import type { Kind, MediaItem } from '../../model.ts';
import { kindOfAddress } from '../address.ts';
import { type Attributes, imageCandidates, kindOfType } from '../elements.ts';
import { type Find, type FoundMedia, fullRoom, type LeftOut, limits } from '../finds.ts';
import { MarkupReader } from '../markup.ts';
import { markupOfWordPress, sizesOf, uploadOf } from './media.ts';
import { type Attachments, agree, type Row } from './wxr-attachments.ts';
import { withElements } from './wxr-content.ts';

interface Medium {
  readonly id: string;
  readonly kind: Kind;
  readonly url: string;
  readonly addresses: Set<string>;
  /** Reduced copies, as far as that is certain. */
  readonly lesser: Set<string>;
  readonly size: { readonly width?: number; readonly height?: number };
}

/** The media of one post, each once whichever way leads to it, in the order in which the post shows them. */
export class WxrMedia {
  readonly leftOut: LeftOut = { surplus: 0, unusable: 0, embedded: 0 };
  /** Attachments that it shows. */
  readonly rows = new Set<Row>();
  /** Kinds of media that only WordPress can tell the address of. */
  readonly unknown = new Set<string>();
  /** Attachments that it shows, and that the export does not have. */
  readonly absent = new Set<string>();
  /** Is it an attachment itself, of which no address is known? */
  isLost = false;
  readonly #post: string;
  readonly #base: string | null;
  readonly #attachments: Attachments;
  /** By what is asked for first. */
  readonly #media = new Map<string, Medium>();
  readonly #byId = new Map<string, Medium>();
  readonly #room = fullRoom();
  /** How many attachments its galleries may still name: each may name all there are. */
  #looks = 2 * limits.media;

  constructor({ id, base }: { readonly id: string; readonly base: string | null }, attachments: Attachments) {
    this.#post = id;
    this.#base = base;
    this.#attachments = attachments;
  }

  addRow(row: Row, ...addresses: readonly string[]): void {
    this.rows.add(row);
    const { url, original, unedited, copies, width, height } = this.#attachments.at(row);
    const named = largestFirst([url, ...addresses, ...copies]);
    const isReduced = (one: string) => sizeInName.test(one) || (original !== undefined && one === url);
    this.#join({
      id: uploadOf(url),
      kind: kindOfAddress(url),
      url: original ?? url,
      addresses: new Set(named.filter((one) => !isReduced(one))),
      lesser: new Set([...named.filter(isReduced), ...(unedited === undefined ? [] : [unedited])]),
      size: original === undefined ? measure(width, height) : {},
    });
  }

  /** What this post is made of is an attachment. */
  addItself(): void {
    const row = this.#attachments.byId(this.#post);
    if (row === undefined) this.isLost = true;
    else this.addRow(row);
  }

  addId(id: string): void {
    const row = this.#attachments.byId(id.trim());
    if (row !== undefined) this.addRow(row);
    else if (/^\s*[1-9]\d{0,19}\s*$/.test(id)) this.absent.add(id.trim());
  }

  /** An address that stands outside of the body. */
  addAddress(address: string, type?: string): void {
    const reader = new MarkupReader({ base: this.#base, room: this.#room });
    reader.add({ kind: kindOfType(type), candidates: [{ address, rank: 1 }] });
    for (const found of reader.end().media) this.#add(found);
  }

  addHtml(html: string): void {
    if (html === '') return;
    const own = (name: string, attributes: Attributes) => [
      ...this.#named(name, attributes),
      ...(markupOfWordPress.own?.(name, attributes) ?? []),
    ];
    const reader = new MarkupReader({ base: this.#base, room: this.#room, ...markupOfWordPress, own });
    reader.write(withElements(html));
    const { media, leftOut } = reader.end();
    for (const found of media) this.#add(found);
    for (const key of ['surplus', 'unusable', 'embedded'] as const) this.leftOut[key] += leftOut[key];
  }

  addChildren(): void {
    for (const row of this.#attachments.childrenOf(this.#post)) this.addRow(row);
  }

  items(date: string | null): readonly MediaItem[] {
    return [...this.#media.values()].map(({ id, kind, url, size, ...others }, index) => ({
      id,
      kind,
      url,
      ...apart(url, others),
      ...size,
      post: this.#post,
      date,
      index,
    }));
  }

  /** What an element of WordPress's own shows. */
  #named(name: string, attributes: Attributes): readonly Find[] {
    if (name === 'img') return this.#numbered(attributes);
    if (name === 'wxr-address') return address(attributes.address);
    if (name === 'wxr-ids')
      return this.#finds((attributes.ids ?? '').split(',').flatMap((id) => this.#rowOfId(id)));
    if (name === 'wxr-children') return this.#gallery(attributes);
    if (name === 'wxr-video') this.unknown.add('video of VideoPress');
    return [];
  }

  /** Whose number an image bears counts if the names agree: in another blog than its own, numbers mean other files. */
  #numbered(attributes: Attributes): readonly Find[] {
    const [, id = attributes['data-id'] ?? attributes['data-attachment-id']] =
      /\bwp-image-(\d{1,20})\b/.exec((attributes.class ?? '').slice(0, 1000)) ?? [];
    const row = id === undefined ? undefined : this.#attachments.byId(id);
    if (row === undefined) return [];
    const { url } = this.#attachments.at(row);
    const candidates = imageCandidates(attributes).filter(({ address }) => !/^\s*data:/i.test(address));
    const isSame = candidates.length === 0 || candidates.some(({ address }) => agree(address, url));
    return isSame ? [{ kind: 'image', candidates: [{ address: url, rank: best }, ...candidates] }] : [];
  }

  /** A gallery without a list shows all images that were uploaded for the post. */
  #gallery({ of = '', but = '' }: Attributes): readonly Find[] {
    if (this.#looks === 0) return [];
    const hidden = new Set(but.split(',').flatMap((id) => this.#attachments.byId(id.trim()) ?? []));
    const rows = this.#attachments.childrenOf(of.trim() || this.#post).filter((row) => !hidden.has(row));
    return this.#finds(rows).filter(({ kind }) => kind === 'image');
  }

  #finds(rows: readonly Row[]): readonly Find[] {
    const taken = rows.slice(0, this.#looks);
    this.#looks -= taken.length;
    return taken.map((row) => {
      const { url } = this.#attachments.at(row);
      return { kind: kindOfAddress(url), candidates: [{ address: url, rank: best }] };
    });
  }

  /** An address that leads to an attachment is that; a preview of another one is no size of this. */
  #add({ kind, url, alternates, width, height }: FoundMedia): void {
    const row = this.#rowOf(url);
    const others: string[] = [];
    for (const address of alternates) {
      const other = this.#rowOf(address);
      if (other === undefined || other === row) others.push(address);
      else this.addRow(other, address);
    }
    if (row === undefined) this.#addForeign({ kind, url, alternates: others, ...measure(width, height) });
    else this.addRow(row, url, ...others);
  }

  /** Of a file that is not in the export what its address tells. */
  #addForeign({ kind, url, alternates, ...size }: FoundMedia): void {
    const sizes = sizesOf(url);
    const addresses = new Set([...sizes.alternates, ...alternates, url]);
    this.#join({
      id: url,
      kind,
      url: sizes.url,
      addresses,
      lesser: new Set(),
      size: sizes.url === url ? size : {},
    });
  }

  #rowOfId(id: string): readonly Row[] {
    const row = this.#attachments.byId(id);
    if (row === undefined) this.absent.add(id);
    return row === undefined ? [] : [row];
  }

  #rowOf(url: string): Row | undefined {
    return this.#attachments.byAddress(url) ?? this.#attachments.byAddress(sizesOf(url).url);
  }

  #join(medium: Medium): void {
    const known = this.#media.get(medium.url) ?? this.#byId.get(medium.id);
    if (!known && this.#media.size >= limits.media) this.leftOut.surplus++;
    else if (!known) {
      this.#media.set(medium.url, medium);
      this.#byId.set(medium.id, medium);
    } else {
      addAll(known.addresses, medium.addresses);
      addAll(known.lesser, medium.lesser);
    }
  }
}

const measure = (width: number | undefined, height: number | undefined) =>
  width && height ? { width, height } : {};

function addAll(to: Set<string>, from: Iterable<string>): void {
  for (const one of from) if (to.size < limits.candidates) to.add(one);
}

/** Each address once, the better ones first. */
function apart(url: string, { addresses, lesser }: Pick<Medium, 'addresses' | 'lesser'>) {
  const alternates = largestFirst([...addresses].filter((one) => one !== url));
  const reduced = largestFirst([...lesser].filter((one) => one !== url && !addresses.has(one)));
  return { alternates, ...(reduced.length > 0 && { lesser: reduced }) };
}

/** Names without a size are those of whole files; some servers are told the size behind the name. */
const largestFirst = (addresses: readonly string[]): readonly string[] => {
  const width = (url: string) => Number(sizeInName.exec(url)?.[1] ?? sizeBehind.exec(url)?.[1] ?? 1e6);
  return [...addresses].sort((a, b) => width(b) - width(a));
};

const sizeInName = /-(\d{1,5})x\d{1,5}\.[a-z0-9]{1,5}(?:[?#]|$)/i;
const sizeBehind = /[?&](?:w|resize|fit)=(\d{1,5})/;

/** Ahead of whatever the markup promises. */
const best = 9e7;

const address = (text: string | undefined): readonly Find[] =>
  text && kindOfAddress(text) !== 'file'
    ? [{ kind: undefined, candidates: [{ address: text, rank: 1 }] }]
    : [];
