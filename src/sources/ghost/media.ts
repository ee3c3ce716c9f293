import type { MediaItem } from '../../model.ts';
import { Copies } from '../copies.ts';
import type { Attributes } from '../elements.ts';
import type { Find } from '../finds.ts';
import type { JsonObject } from '../json-path.ts';
import { leftOutInWords } from '../left-out.ts';
import { MarkupReader } from '../markup.ts';
import { originalOf, sizes } from './sizes.ts';

export interface MediaWay {
  readonly base: string | null;
  readonly originals: boolean;
  /** An address or a piece of HTML as it is meant: an export has a word in place of the site's address. */
  readonly meant?: (text: string) => string;
}

/** A medium, before it is one of a post. */
type Medium = Pick<MediaItem, 'kind' | 'url' | 'alternates' | 'lesser' | 'larger' | 'width' | 'height'>;

export interface GhostMedia {
  readonly media: readonly Medium[];
  /** What was left out, and why, as a part of a sentence; empty where nothing was. */
  readonly fault: string;
}

/** The media of a post in the order in which it shows them: its picture, those of its text, those for other sites. */
export function mediaOf(raw: JsonObject, { base, originals, meant = (text) => text }: MediaWay): GhostMedia {
  const sized = new Copies(sizes);
  const reader = new MarkupReader({ base, own, original: (url) => sized.original(url) });
  const addAt = (value: unknown) => {
    if (typeof value === 'string' && value !== '') reader.add(pictureAt(meant(value)));
  };
  addAt(raw.feature_image ?? raw.image); // of old its name was short
  if (typeof raw.html === 'string') reader.write(meant(raw.html));
  for (const value of [raw.og_image, raw.twitter_image]) addAt(value);
  const { media, leftOut } = reader.end();
  return {
    media: media
      .filter(({ url }) => !isSpacer(url))
      .map((found) => ({
        ...found,
        alternates: found.alternates.filter((url) => !isSpacer(url)),
        ...sized.lesserOf(found.url),
        ...(originals && found.kind === 'image' && originalOf(found.url)),
      })),
    fault: leftOutInWords(leftOut),
  };
}

const pictureAt = (address: string): Find => ({ kind: 'image', candidates: [{ address, rank: 1 }] });

/** An empty picture that gives a player its height. */
const isSpacer = (url: string): boolean => /^https?:\/\/img\.spacergif\.org\//.test(url);

/** A link to a file that was uploaded is a medium of the post, whatever kind of file it is. */
function own(name: string, { href = '' }: Attributes): readonly Find[] {
  const isUpload = name === 'a' && href.length <= 8192 && /\/content\/(?:files|media)\/[^?#]/.test(href);
  return isUpload ? [{ kind: undefined, candidates: [{ address: href, rank: 1 }] }] : [];
}
