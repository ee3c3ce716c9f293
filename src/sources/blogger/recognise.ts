import type { Recognised, SeenLink, Sight, SourceContext } from '../source.ts';
import { cappedWarnings } from '../warnings.ts';
import { Feed } from './feed.ts';
import { readTarget } from './target.ts';

const feedBelow = /^(https?:\/\/[^?#]{1,1000}?)\/feeds\/(?:posts|pages)\/default(?:[/?#]|$)/;
const byNumber = /^https?:\/\/www\.(?:blogger|blogspot)\.com\/feeds\/(\d{5,25})\/posts\/default(?:[?#]|$)/;

/** A page that says it was made by Blogger, or names such feeds; that there is a feed is asked for, since copies say so, too. */
export async function recogniseBlogger(
  sight: Sight,
  context: SourceContext,
): Promise<Recognised | undefined> {
  const why = reasonIn(sight);
  if (why === undefined) return undefined;
  const warnings = cappedWarnings(() => undefined, 'Blogger');
  for (const target of targetsIn(sight)) {
    const feed = new Feed({ place: readTarget(target), context, warnings, limit: 2 });
    const { blog } = await feed.slice('posts', { offset: 0, until: null, num: 1 });
    if (blog) return { why, target };
  }
  return undefined;
}

function reasonIn({ generator = '', links, url, start }: Sight): string | undefined {
  if (/^blogger\b/i.test(generator)) return 'its page says that Blogger made it';
  if (links.some(({ href }) => byNumber.test(href))) return 'its page names a feed at Blogger';
  const { host } = new URL(url);
  const isOwn = links.some((link) => feedBelow.test(link.href) && new URL(link.href).host === host);
  if (isOwn) return 'its page names the feeds of a blog on Blogger';
  return /:blog-\d{5,25}\b/.test(start.slice(0, 4096)) && feedBelow.test(url)
    ? 'it is a feed of Blogger'
    : undefined;
}

/** Where its feeds may be: as its page says, else at its host; where pages were copied to another host, at Blogger itself. */
function targetsIn({ url, links }: Sight): readonly string[] {
  const { host, origin, pathname } = new URL(url);
  const own = links.find((link) => feedBelow.test(link.href) && new URL(link.href).host === host);
  const [, base = origin] = feedBelow.exec(own?.href ?? url) ?? [];
  const label = labelIn(pathname);
  const number = numberIn(links);
  const isCopy = number !== undefined && !own && !feedBelow.test(url);
  const first = `${base}/feeds/posts/default${label === undefined ? '' : `/-/${label}`}`;
  return isCopy ? [`https://www.blogger.com/feeds/${number}/posts/default`, first] : [first];
}

const labelIn = (path: string): string | undefined =>
  /\/(?:search\/label|feeds\/posts\/default\/-)\/([^/]{1,1000})/.exec(path)?.[1];

function numberIn(links: readonly SeenLink[]): string | undefined {
  for (const { href } of links) {
    const [, found] = byNumber.exec(href) ?? [];
    if (found !== undefined) return found;
  }
  return undefined;
}
