import { isAddress, kindOfAddress } from '../address.ts';
import { tagOf } from './wxr-tag.ts';

/**
 * The body of a post as it stands in an export: what WordPress makes media of only when it shows the post becomes
 * elements here, each in its place.
 */
export function withElements(content: string): string {
  if (!anyPiece.test(content)) return content;
  return content.replace(pieces, (whole, json?: string, name?: string, rest = '', address?: string) => {
    if (json !== undefined) return idsElement(idsIn(json));
    if (name !== undefined) return elementOf(name, attributesIn(rest));
    return address === undefined ? whole : (bareElement(address) ?? whole);
  });
}

/** A comment that says what a block shows. */
const block = /<!--\s{0,8}wp:[a-z][a-z0-9/-]{0,80}\s{1,8}(\{[^<>]{0,65536}\})\s{0,8}\/?-->/;
/** Stays as it is, whatever stands in it. */
const tag = /<[a-z/](?:[^<>"']|"[^"]{0,2000}"|'[^']{0,2000}')*>/;
/** What stands in double brackets is only shown. */
const shortcode = /(?<!\[)\[(gallery|playlist|audio|video|wpvideo|videopress)(?![\w-])([^\][]{0,10000})\]/;
/** An address that stands in the text, where WordPress puts a player in its place. */
const bareAddress = /(?<=^|[\s>\])(])(https?:\/\/[^\s"'<>\][]{4,4000})/;
/** Most posts have nothing of it, and to look at each of their tags takes longer than this. */
const anyPiece = /"ids"|\[(?:gallery|playlist|audio|video|wpvideo)|(?:^|[\s>\])(])https?:/i;
const pieces = new RegExp([block, tag, shortcode, bareAddress].map(({ source }) => source).join('|'), 'gi');

const attribute =
  /([a-z][\w-]{0,40})\s{0,8}=\s{0,8}(?:"([^"]{0,10000})"|'([^']{0,10000})'|([^\s"']{1,10000}))/gi;

const sources = ['src', 'mp4', 'm4v', 'webm', 'ogv', 'flv', 'wmv', 'mp3', 'ogg', 'm4a', 'wav', 'wma', 'flac'];

function bareElement(text: string): string | undefined {
  const address = text.replace(/[).,;:!?]{1,8}$/, '').replace(/&(?:amp|#0?38);/g, '&');
  return kindOfAddress(address) === 'file' ? undefined : tagOf('wxr-address', { address });
}

type Attributes = ReadonlyMap<string, string>;

/** Visual editors have put other quotes in the place of those that were typed. */
function attributesIn(text: string): Attributes {
  const even = text
    .replace(/&quot;|&#8221;|&#8243;|[\u201c\u201d\u2033]/g, '"')
    .replace(/&amp;|&#038;/g, '&');
  const found = [...even.matchAll(attribute)].map(
    ([, name, ...values]) =>
      [name!.toLowerCase(), values.find((value) => value !== undefined) ?? ''] as const,
  );
  const first = /^\s*=?\s*["']?([\w:/.-]{1,2000})/.exec(even)?.[1];
  return new Map([...(first === undefined ? [] : [['', first] as const]), ...found]);
}

function elementOf(name: string, attributes: Attributes): string {
  if (name === 'wpvideo' || name === 'videopress') return tagOf('wxr-video', {});
  if (name === 'audio' || name === 'video') return player(name, attributes);
  const ids = attributes.get('ids') ?? attributes.get('include');
  if (ids !== undefined) return idsElement(ids.split(','));
  return name === 'gallery'
    ? tagOf('wxr-children', { of: attributes.get('id') ?? '', but: attributes.get('exclude') ?? '' })
    : '';
}

function player(name: 'audio' | 'video', attributes: Attributes): string {
  const poster = attributes.get('poster');
  const first = attributes.get('') ?? '';
  const found = [
    ...(isAddress(first) ? [first] : []), // as it was written when there were no others
    ...sources.flatMap((source) => attributes.get(source) ?? []),
  ];
  const inner = found.map((src) => tagOf('source', { src })).join('');
  return `${tagOf(name, poster === undefined ? {} : { poster })}${inner}</${name}>`;
}

const idsElement = (ids: readonly string[]): string => {
  const numbers = ids.map((id) => id.trim()).filter((id) => /^\d{1,20}$/.test(id));
  return numbers.length > 0 ? tagOf('wxr-ids', { ids: numbers.join(',') }) : '';
};

/** `{"ids":[3,4]}`: the only thing that a block says of its media, and its markup does not. */
function idsIn(json: string): readonly string[] {
  const [, list] = /"ids"\s{0,8}:\s{0,8}\[([\d,\s"]{0,65536})\]/.exec(json) ?? [];
  return list?.replaceAll('"', '').split(',') ?? [];
}
