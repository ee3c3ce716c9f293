import type { MediaItem, Post } from '../model.ts';
import type { CrawlOptions, GivenOptions } from '../options.ts';
import { Seen } from '../pipeline/seen.ts';
import type { Progress } from '../progress.ts';
import { unwanted } from '../run.ts';
import type { Listing } from '../sources/source.ts';
import { ofPost } from '../vault/post-lines.ts';
import { openListing } from '../world.ts';
import { Forecast } from './forecast.ts';
import { linesOf } from './outlook.ts';
import { lineFor as toldOf } from './telling.ts';
import { printable } from './words.ts';

interface Wishes {
  readonly getUrls?: boolean;
  readonly dumpJson?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

/**
 * What a run would want, each item once: lists the source and prints it, or what it all would come to. Fetches no media
 * and writes nothing.
 */
export async function simulate(target: string, wishes: Wishes, given: GivenOptions): Promise<number> {
  const report = (event: Progress) => {
    const line = wishes.quiet ? undefined : toldOf(event, wishes.verbose === true);
    if (line !== undefined) process.stderr.write(`${printable(line)}\n`); // stdout is for what was asked
  };
  const { listing, options, net } = await openListing(target, { ...given, report });
  const filter = unwanted(options);
  const seen = new Seen();
  let posts = 0;
  try {
    const isForecast = !wishes.getUrls && !wishes.dumpJson;
    const { http, gate } = net;
    const means = { options, net: { http, gate, files: listing.files }, name: listing.name };
    const forecast = isForecast ? await Forecast.open(means) : undefined;
    for await (const post of limited(listing, options)) {
      if (process.stdout.destroyed) return 0; // nobody reads on
      posts++;
      for (const item of post.items) {
        if (filter(ofPost(item, post)) || !seen.add(item.id)) continue;
        forecast?.see(item);
        process.stdout.write(lineFor(item, wishes));
      }
    }
    if (!forecast) return 0;
    const outlook = await forecast.outlook(posts);
    const lines = wishes.json ? [JSON.stringify({ event: 'forecast', ...outlook })] : linesOf(outlook);
    process.stdout.write(lines.map((line) => `${line}\n`).join(''));
    if (outlook.fits === false)
      report({ event: 'warning', message: `it may not fit on the disk of ${outlook.path}` });
    return 0;
  } finally {
    await net.close();
    await listing.close?.();
  }
}

async function* limited(
  listing: Listing,
  { order, dateAfter: after, dateBefore: before, postLimit, report }: CrawlOptions,
): AsyncGenerator<Post> {
  let left = postLimit;
  const leaveOut = (message: string) => report({ event: 'warning', message });
  for await (const { posts } of listing.pages(undefined, { order, covered: [], after, before, leaveOut })) {
    yield* posts.slice(0, left);
    left -= posts.length;
    if (left <= 0) return;
  }
}

function lineFor(
  { id, url, kind, post, index, alternates }: MediaItem,
  { getUrls, dumpJson }: Wishes,
): string {
  if (getUrls) return `${url}\n`;
  return dumpJson ? `${JSON.stringify({ item: id, url, kind, post, index, alternates })}\n` : '';
}
