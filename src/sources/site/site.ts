import { isAddress, normalise } from '../address.ts';
import { OwnSettings } from '../own-settings.ts';
import type { Sight, Source } from '../source.ts';
import { withoutPrefix } from '../target.ts';
import { placeOf } from './place.ts';
import { settings } from './settings.ts';

/** Any site at all: its sitemaps, or its pages from link to link. */
export const site: Source = {
  name: 'site',
  takes: 'any other site: by its sitemap, or its pages from link to link',
  settings,
  breadth: 'anything',
  claims: (target) => target.startsWith('site:') || (isAddress(target) && isSitemapName(target)),
  nameOf(target) {
    const address = normalise(withoutPrefix('site', target));
    return address === undefined ? null : placeOf(address, { isSitemap: isSitemapName(address) }).name;
  },
  async recognises(sight, { settings: given }) {
    if (sight.status !== 200) return undefined;
    const { standIn, strayed } = await import('../stand-in.ts');
    const isAsIs = new OwnSettings('site', settings, given).truth('asIs', false);
    if (!isAsIs && (standIn({ ...sight, asked: sight.target, html: sight.start }) || strayed(sight)))
      return undefined;
    const { isSitemap } = await import('./sitemap.ts');
    if (isSitemap(sight.start)) return { why: 'what it answers with is a sitemap', target: sight.target };
    if (isPage(sight)) return { why: 'it answers with a web page', target: sight.target };
    return undefined;
  },
  async open(target, context, sight) {
    const { openSite } = await import('./open.ts'); // loaded by whoever needs it
    return openSite(target, context, sight);
  },
};

/** `sitemap.xml`, `wp-sitemap-posts-post-1.xml`, `sitemap_index.xml.gz`, `sitemap.txt`. */
export const isSitemapName = (address: string): boolean =>
  /\/[\w-]{0,200}sitemap[\w-]{0,200}\.(xml|txt)(\.gz)?$/i.test(address.split(/[?#]/, 1)[0]!.slice(-500));

const isPage = ({ type, start }: Sight): boolean =>
  start.trim() !== '' && (/^(text\/html|application\/xhtml\+xml)$/.test(type) || beginsAsPage(start));

/** Where no type is declared. */
export const beginsAsPage = (start: string): boolean =>
  /^\s{0,1000}<(!doctype\s{1,10}html|html|head|body)[\s>]/i.test(start.slice(0, 2000));
