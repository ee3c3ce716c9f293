/** What a text is by its beginning: a feed, something that only looks like one, or nothing of the kind. */
export type Look = 'xml' | 'json' | undefined;

const mostHead = 65_536;
const version = /"version"\s{0,20}:\s{0,20}"https?:\\?\/\\?\/(?:www\.)?jsonfeed\.org\\?\/version\\?\//;
const vocabularies = /purl\.org\/(?:net\/)?rss|netscape\.com\/rdf/i;
/** An export of WordPress is an RSS feed by its form, but holds drafts, pages and attachments that no feed has. */
const isExport = /wordpress\.org\/export|<wp:(?:wxr_version|base_site_url)/;

/** Known by its root, whatever its server or its name calls it. */
export function lookAtStart(start: string): Look {
  const head = start.slice(0, mostHead);
  if (/^[\ufeff\s]{0,1000}\{/.test(head)) return version.test(head) ? 'json' : undefined;
  return beginsFeed(head) && !isExport.test(head) ? 'xml' : undefined;
}

/** Is this the beginning of RSS or Atom? */
export function beginsFeed(start: string): boolean {
  const head = start.slice(0, mostHead);
  const root = rootOf(head);
  return root === 'rss' || root === 'feed' || (root === 'RDF' && vocabularies.test(head));
}

/** The name of the first element, without its prefix; undefined where something else comes before it. */
function rootOf(head: string): string | undefined {
  let at = 0;
  for (;;) {
    at = head.indexOf('<', at);
    if (at < 0) return undefined;
    const end = endOfNoElement(head, at);
    if (end === undefined) break;
    if (end < 0) return undefined;
    at = end;
  }
  return /^<(?:[\w.-]{1,40}:)?([\w.-]{1,40})[\s/>]/.exec(head.slice(at, at + 100))?.[1];
}

/** Where a declaration, a comment or a document type ends; undefined for an element, -1 where it does not end. */
function endOfNoElement(head: string, at: number): number | undefined {
  const past = (mark: string) => {
    const end = head.indexOf(mark, at);
    return end < 0 ? -1 : end + mark.length;
  };
  if (head.startsWith('<?', at)) return past('?>');
  if (head.startsWith('<!--', at)) return past('-->');
  if (!head.startsWith('<!', at)) return undefined;
  const subset = head.indexOf('[', at);
  const end = head.indexOf('>', at);
  return subset > 0 && subset < end ? past(']>') : past('>');
}

/**
 * A backup of a blog on Blogger is an Atom feed by its form, and also holds comments, templates and settings; so only
 * where it lies on the disk: what is served at an address is no backup.
 */
export const isBackup = (start: string): boolean =>
  /schemas\.google\.com\/(?:blogger\/2008\/kind|g\/2005#kind|blogger\/2018)/.test(start.slice(0, mostHead));
