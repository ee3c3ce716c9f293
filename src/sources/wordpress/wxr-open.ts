import { SourceError, UsageError } from '../../errors.ts';
import type { Page } from '../../model.ts';
import { quoted } from '../../shown.ts';
import { isAddress } from '../address.ts';
import { paged } from '../paged.ts';
import type { Listing, SourceContext } from '../source.ts';
import { nameOfFiles } from '../target.ts';
import { openFiles, type WxrFile } from './wxr-files.ts';
import { postsOf } from './wxr-posts.ts';
import { type SiteFacts, siteIn } from './wxr-reader.ts';

const pageSize = 100;

/** It is looked through for its attachments first, and then for posts: what a post shows may stand anywhere in it. */
export async function openExport(target: string, context: SourceContext): Promise<Listing> {
  const { all: files, close } = await openFiles(target, context.signal);
  try {
    const site = siteOf(files);
    const base = [site['wp:base_blog_url'], site.link].find((one) => one !== undefined && isAddress(one));
    const way = { files, base: base ?? null, context };
    return {
      name: nameOfFiles(target),
      trusted: [],
      pages: () => withSite(paged(postsOf(way), pageSize), site),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What the files say of their blog, which has to be one: each counts its posts from one on. */
function siteOf(files: readonly WxrFile[]): SiteFacts {
  const [first, ...others] = files.map(({ name, start }) => ({ name, site: siteIn(start) }));
  if (!first) throw new SourceError('There is no file of an export.');
  for (const { name, site } of others) {
    const [one, other] = [blogOf(first.site), blogOf(site)];
    if (one && other && one !== other)
      throw new UsageError(
        `${first.name} is of ${quoted(one, 200)}, and ${name} of ${quoted(other, 200)}: archive each blog by itself.`,
      );
  }
  return first.site;
}

const blogOf = (site: SiteFacts): string =>
  (site['wp:base_blog_url'] ?? site.link ?? '')
    .replace(/^https?:\/\/(?:www\.)?/i, '')
    .replace(/\/+$/, '')
    .toLowerCase();

async function* withSite(pages: AsyncIterable<Page>, site: SiteFacts): AsyncGenerator<Page> {
  let isFirst = true;
  for await (const page of pages) {
    yield isFirst ? { ...page, blog: { raw: site } } : page;
    isFirst = false;
  }
}
