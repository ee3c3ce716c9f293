import type { MediaItem, Post } from '../../model.ts';
import { kindOfAddress } from '../address.ts';
import type { JsonObject } from '../json-path.ts';
import { type Contents, encoded } from './export-contents.ts';
import { dateOfPage, readExportPage } from './export-page.ts';
import { PostMedia } from './media.ts';
import { readV1Post } from './v1-post.ts';

/** Where posts of an export come from, and who hears what is wrong with them. */
export interface ExportWay {
  readonly contents: Contents;
  /** The file that names the media, in the export. */
  readonly path: string;
  readonly tell: (fault: string) => void;
}

const dialect = 'export';

/** A post with its page. */
export function pagePost(id: string, html: string, way: ExportWay): Post {
  const page = readExportPage(html);
  const date = dateOfPage(page.timestamp);
  const items = mediaOf({ post: id, date }, way, (media) => media.addHtml(page.html));
  const { tags } = page;
  return { id, date, url: null, raw: page, items, ...(tags.length > 0 && { tags }), dialect };
}

/** A post out of XML of the older API; undefined if nothing tells it from others. */
export const xmlPost = (raw: JsonObject, way: ExportWay): Post | undefined =>
  readV1Post(raw, { mediaOf: (post, give) => mediaOf(post, way, give), takesLocal: true });

/** A post of which only media are there: its page may have been left out by mistake. */
export function barePost(id: string, contents: Contents): Post {
  const way = { contents, path: '', tell: () => undefined };
  const items = mediaOf({ post: id, date: null }, way, () => undefined);
  return { id, date: null, url: null, raw: { html: null }, items, dialect };
}

/** A medium that belongs to nothing is a post of its own, as in a list of addresses. */
export function loosePost(url: string): Post {
  const item = { id: url, kind: kindOfAddress(url), url, alternates: [], post: null, date: null, index: 0 };
  return { id: url, date: null, url: null, raw: { file: url }, items: [item], dialect };
}

/** Posts are known to lack pictures, and to show the wrong ones: whatever is called by the post belongs to it. */
function mediaOf(
  post: Pick<MediaItem, 'date'> & { readonly post: string },
  { contents, path, tell }: ExportWay,
  give: (media: PostMedia) => void,
): readonly MediaItem[] {
  const named = new Set<string>();
  const resolve = (medium: string) => {
    const address = contents.addressOfPath(medium);
    if (address !== undefined) named.add(address);
    return address;
  };
  const media = new PostMedia(post, { page: encoded(path), resolve });
  give(media);
  for (const address of contents.mediaOf(post.post).filter((one) => !named.has(one)))
    media.add(kindOfAddress(address), [{ url: `/${address.slice('export:'.length)}` }]);
  if (media.faults !== '') tell(`left out ${media.faults}`);
  return media.items;
}
