import { QuotaError } from '../errors.ts';
import type { MediaItem, Post } from '../model.ts';
import type { CrawlOptions, GivenOptions } from '../options.ts';
import { Seen } from '../pipeline/seen.ts';
import type { Progress, Report } from '../progress.ts';
import { unwanted } from '../run.ts';
import type { Listing } from '../sources/source.ts';
import { ofPost } from '../vault/post-lines.ts';
import { openListing } from '../world.ts';
import { Forecast, type Outlook } from './forecast.ts';
import { linesOf } from './outlook.ts';
import { lineFor as toldOf } from './telling.ts';
import { many, printable } from './words.ts';

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
  const met: Met = { posts: 0, stated: null, cut: undefined };
  try {
    const isForecast = !wishes.getUrls && !wishes.dumpJson;
    const { http, gate } = net;
    const means = { options, net: { http, gate, files: listing.files }, name: listing.name };
    const forecast = isForecast ? await Forecast.open(means) : undefined;
    const silence = isForecast && !wishes.quiet ? showCount(met) : () => undefined;
    for await (const post of limited(listing, options, met)) {
      if (process.stdout.destroyed) return 0; // nobody reads on
      for (const item of post.items) {
        if (filter(ofPost(item, post)) || !seen.add(item.id)) continue;
        forecast?.see(item);
        process.stdout.write(lineFor(item, wishes));
      }
    }
    silence();
    if (forecast) tellOutlook(await forecast.outlook(met.posts, met.stated), wishes, report);
    if (met.cut) throw met.cut;
    return 0;
  } finally {
    await net.close();
    await listing.close?.();
  }
}

/** What the listing has come to. */
interface Met {
  posts: number;
  /** How many posts the platform says there are. */
  stated: number | null;
  /** A quota that ended it: what was met until then makes a forecast, too. */
  cut: QuotaError | undefined;
}

async function* limited(
  listing: Listing,
  { order, dateAfter: after, dateBefore: before, postLimit, report }: CrawlOptions,
  met: Met,
): AsyncGenerator<Post> {
  const leaveOut = (message: string) => report({ event: 'warning', message });
  try {
    for await (const page of listing.pages(undefined, { order, covered: [], after, before, leaveOut })) {
      const posts = page.posts.slice(0, postLimit - met.posts);
      met.posts += posts.length;
      met.stated = page.total ?? met.stated;
      yield* posts;
      if (met.posts >= postLimit) return;
    }
  } catch (error) {
    if (!(error instanceof QuotaError)) throw error;
    met.cut = error;
  }
}

function tellOutlook(outlook: Outlook, wishes: Wishes, report: Report): void {
  const lines = wishes.json ? [JSON.stringify({ event: 'forecast', ...outlook })] : linesOf(outlook);
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  if (outlook.fits === false)
    report({ event: 'warning', message: `it may not fit on the disk of ${outlook.path}` });
}

/** A line that counts while a person waits; gives back what takes it away. */
function showCount(met: Met): () => void {
  if (!process.stderr.isTTY) return () => undefined;
  const clock = setInterval(() => process.stderr.write(`\rlisting: ${many(met.posts, 'post')} `), 500);
  return () => {
    clearInterval(clock);
    process.stderr.write('\r\x1b[K');
  };
}

function lineFor(
  { id, url, kind, post, index, alternates }: MediaItem,
  { getUrls, dumpJson }: Wishes,
): string {
  if (getUrls) return `${url}\n`;
  return dumpJson ? `${JSON.stringify({ item: id, url, kind, post, index, alternates })}\n` : '';
}
