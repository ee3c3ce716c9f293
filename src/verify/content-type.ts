export interface ContentType {
  readonly type: string;
  readonly ext: string;
}

const ascii = (head: Uint8Array, from: number, to: number) =>
  Buffer.from(head.buffer, head.byteOffset, head.length).toString('latin1', from, Math.max(from, to));
const starts = (head: Uint8Array, ...bytes: number[]) => bytes.every((byte, i) => head[i] === byte);

const brands: readonly (readonly [RegExp, ContentType])[] = [
  [/^avi[fs]/, { type: 'image/avif', ext: 'avif' }],
  [/^(hei[cmsx]|hev[cm]|mif1|msf1)/, { type: 'image/heic', ext: 'heic' }],
  [/^qt/, { type: 'video/quicktime', ext: 'mov' }],
  [/^M4[AB]/, { type: 'audio/mp4', ext: 'm4a' }],
  [/^3g/, { type: 'video/3gpp', ext: '3gp' }],
  [/^/, { type: 'video/mp4', ext: 'mp4' }],
];

/** The common kinds by their first bytes; everything else is left to file-type, which takes ten times as long. */
const marks: readonly (readonly [(head: Uint8Array) => boolean, ContentType])[] = [
  [(h) => starts(h, 0xff, 0xd8, 0xff), { type: 'image/jpeg', ext: 'jpg' }],
  [(h) => starts(h, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a), { type: 'image/png', ext: 'png' }],
  [(h) => /^GIF8[79]a/.test(ascii(h, 0, 6)), { type: 'image/gif', ext: 'gif' }],
  [(h) => ascii(h, 0, 4) === 'RIFF' && ascii(h, 8, 12) === 'WEBP', { type: 'image/webp', ext: 'webp' }],
  [
    (h) => /^(RIFF|RF64|BW64)$/.test(ascii(h, 0, 4)) && ascii(h, 8, 12) === 'WAVE',
    { type: 'audio/wav', ext: 'wav' },
  ],
  [
    (h) => starts(h, 0x1a, 0x45, 0xdf, 0xa3) && ascii(h, 0, 64).includes('webm'),
    { type: 'video/webm', ext: 'webm' },
  ],
  [(h) => ascii(h, 0, 3) === 'ID3', { type: 'audio/mpeg', ext: 'mp3' }],
  [(h) => ascii(h, 0, 4) === 'fLaC', { type: 'audio/flac', ext: 'flac' }],
  ...ogg('OpusHead', { type: 'audio/ogg', ext: 'opus' }),
  ...ogg('\x01vorbis', { type: 'audio/ogg', ext: 'ogg' }),
  ...ogg('\x7fFLAC', { type: 'audio/ogg', ext: 'oga' }),
  ...ogg('\x80theora', { type: 'video/ogg', ext: 'ogv' }),
  [(h) => starts(h, 0x2e, 0x72, 0x61, 0xfd), { type: 'audio/x-realaudio', ext: 'ra' }],
  [(h) => ascii(h, 0, 4) === '.snd', { type: 'audio/basic', ext: 'au' }],
  [(h) => starts(h, 0x30, 0x26, 0xb2, 0x75, 0x8e, 0x66, 0xcf, 0x11), { type: 'video/x-ms-asf', ext: 'wmv' }],
  [(h) => starts(h, 0x0a, 0x05, 0x01) && (h[3] ?? 99) <= 8, { type: 'image/x-pcx', ext: 'pcx' }],
  // It has the mark of a cursor, but no picture in it.
  [(h) => starts(h, 0, 0, 2, 0, 0, 0, 0, 0) && h.length > 18, { type: 'image/x-tga', ext: 'tga' }],
  // Films from before there was a mark for them.
  [(h) => /^(moov|mdat|wide|pnot)$/.test(ascii(h, 4, 8)), { type: 'video/quicktime', ext: 'mov' }],
  [(h) => /^[\0\s]{1,64}%PDF-/.test(ascii(h, 0, 72)), { type: 'application/pdf', ext: 'pdf' }],
];

/** The codec stands in the first page; of a cut file file-type does not find it. */
function ogg(codec: string, found: ContentType): [(head: Uint8Array) => boolean, ContentType][] {
  return [[(head) => ascii(head, 0, 4) === 'OggS' && ascii(head, 28, 28 + codec.length) === codec, found]];
}

/** Loaded for what is none of the common kinds: most runs meet nothing else, and it takes longer than the rest of their start. */
const library = () => import('file-type');

/** The types whose first bytes would have been known. */
export async function markedTypes(): Promise<ReadonlySet<string>> {
  const { supportedMimeTypes } = await library();
  return new Set([...supportedMimeTypes, 'image/svg+xml']);
}

/** What the first bytes say they are; undefined where nothing is known of them. */
export async function sniff(head: Uint8Array): Promise<ContentType | undefined> {
  for (const [matches, found] of marks) if (matches(head)) return found;
  if (ascii(head, 4, 8) === 'ftyp') return brands.find(([brand]) => brand.test(ascii(head, 8, 12)))![1];
  const markup = sniffMarkup(fromUtf16(head));
  if (markup) return markup;
  const { fileTypeFromBuffer } = await library();
  const found = await fileTypeFromBuffer(head);
  if (/^(II\*\0|MM\0\*)/.test(ascii(head, 0, 4)) && !found) return { type: 'image/tiff', ext: 'tif' };
  const isPadding = starts(head, 0xff, 0xff, 0xff, 0xff); // no sound begins like that, but file-type says so
  if (found && !isPadding) return { type: found.mime, ext: found.ext };
  return isText(head.subarray(0, 512)) ? { type: 'text/plain', ext: 'txt' } : undefined;
}

/** Text in two bytes a letter, brought to one, so that the patterns see it; file-type takes it for sound. */
function fromUtf16(head: Uint8Array): Uint8Array {
  const isLittle = starts(head, 0xff, 0xfe);
  if (!isLittle && !starts(head, 0xfe, 0xff)) return head;
  const text = new TextDecoder(isLittle ? 'utf-16le' : 'utf-16be').decode(head.subarray(2));
  return Buffer.from(text, 'utf8');
}

const html: ContentType = { type: 'text/html', ext: 'html' };
const svg: ContentType = { type: 'image/svg+xml', ext: 'svg' };

/** By the first word of the markup: the name of its document type, or of its root. */
const texts: readonly (readonly [RegExp, ContentType])[] = [
  [/^<!doctype\s+html\b|^<(html|head|body|script)[\s>]/i, html],
  [/^<!doctype\s+svg\b|^<(svg:)?svg[\s>/]/i, svg],
  [/^<[?!]?[a-z]/i, { type: 'application/xml', ext: 'xml' }],
  [/^[{[]\s*("|\{|\[|\]|\})/, { type: 'application/json', ext: 'json' }],
];

/** file-type is blind to text, and a page in place of a picture is what an archive must catch. */
function sniffMarkup(head: Uint8Array): ContentType | undefined {
  const text = ascii(head, 0, head.length).replace(/^\xef\xbb\xbf/, '');
  const start = text.slice(prologOf(text));
  return (
    texts.find(([mark]) => mark.test(start))?.[1] ?? (text.trimStart().startsWith('<?xml') ? xml : undefined)
  );
}

const xml: ContentType = { type: 'application/xml', ext: 'xml' };

/** Where the white space, comments and instructions before the first word end; one pass, for the text may be bait. */
function prologOf(text: string): number {
  const gap = /\s*/y;
  for (let at = 0; ; ) {
    gap.lastIndex = at;
    at += gap.exec(text)![0].length;
    const closing = text.startsWith('<!--', at) ? '-->' : text.startsWith('<?', at) ? '?>' : undefined;
    const end = closing === undefined ? -1 : text.indexOf(closing, at + 2);
    if (end < 0) return at;
    at = end + closing!.length;
  }
}

/** No control characters, and letters of UTF-8 or of an old table. */
function isText(start: Uint8Array): boolean {
  if (start.length === 0 || start.some(isControl)) return false;
  return !start.some((byte) => byte >= 0x80 && byte <= 0x9f) || isUtf8(start);
}

/** All but tab, the ends of lines and pages, and escape. */
const isControl = (byte: number): boolean =>
  byte === 0x7f || (byte < 0x20 && byte !== 0x1b && (byte < 0x09 || byte > 0x0d));

function isUtf8(start: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(start, { stream: true }); // the last letter may be cut
    return true;
  } catch {
    return false;
  }
}
