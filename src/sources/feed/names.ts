/** Namespaces by their addresses, without scheme and final slash, and the prefixes that are usual for them. */
const prefixes: ReadonlyMap<string, string> = new Map([
  ['www.w3.org/2005/atom', 'atom'],
  ['purl.org/atom/ns#', 'atom'],
  ['purl.org/rss/1.0', 'rss'],
  ['my.netscape.com/rdf/simple/0.9', 'rss'],
  ['backend.userland.com/rss2', 'rss'],
  ['www.w3.org/1999/02/22-rdf-syntax-ns#', 'rdf'],
  ['purl.org/rss/1.0/modules/content', 'content'],
  ['purl.org/rss/1.0/modules/slash', 'slash'],
  ['purl.org/rss/1.0/modules/syndication', 'sy'],
  ['purl.org/dc/elements/1.1', 'dc'],
  ['purl.org/dc/elements/1.0', 'dc'],
  ['purl.org/dc/terms', 'dcterms'],
  ['search.yahoo.com/mrss', 'media'],
  ['video.search.yahoo.com/mrss', 'media'],
  ['tools.search.yahoo.com/mrss', 'media'],
  ['www.rssboard.org/media-rss', 'media'],
  ['www.itunes.com/dtds/podcast-1.0.dtd', 'itunes'],
  ['podcastindex.org/namespace/1.0', 'podcast'],
  ['github.com/podcastindex-org/podcast-namespace/blob/main/docs/1.0.md', 'podcast'],
  ['rssnamespace.org/feedburner/ext/1.0', 'feedburner'],
  ['purl.org/syndication/history/1.0', 'fh'],
  ['purl.org/syndication/thread/1.0', 'thr'],
  ['www.w3.org/1999/xhtml', 'xhtml'],
  ['www.youtube.com/xml/schemas/2015', 'yt'],
]);

/** Feeds write the address of a namespace with and without the slash, in either scheme, in any case. */
export const usualPrefix = (address: string): string | undefined =>
  prefixes.get(
    address
      .slice(0, 200)
      .toLowerCase()
      .replace(/^https?:\/\//, '')
      .replace(/\/$/, ''),
  );

/** What belongs to the feed itself goes without a prefix: `atom:link` in RSS is a link like any other. */
export const plainName = (name: string): string => name.replace(/^(?:atom|rss|xhtml):/, '');
