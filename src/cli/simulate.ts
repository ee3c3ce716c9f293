import type { MediaItem, Post } from '../model.ts';
import type { GivenOptions } from '../options.ts';
import { Seen } from '../pipeline/seen.ts';
import type { Progress } from '../progress.ts';
import { unwanted } from '../run.ts';
import type { Listing } from '../sources/source.ts';
import { openListing } from '../world.ts';
import { lineFor as toldOf } from './telling.ts';
import { many, printable } from './words.ts';

interface Wishes {
  readonly getUrls?: boolean;
  readonly dumpJson?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

/** What a run would want, each item once: lists the source and prints it. Fetches no media and writes nothing. */
export async function simulate(target: string, wishes: Wishes, given: GivenOptions): Promise<number> {
  const report = (event: Progress) => {
    const line = wishes.quiet ? undefined : toldOf(event, wishes.verbose === true);
    if (line !== undefined) process.stderr.write(`${printable(line)}\n`); // stdout is for what was asked
  };
  const { listing, options, net } = await openListing(target, { ...given, report });
  const filter = unwanted(options);
  const seen = new Seen();
  const kinds = new Map<string, number>();
  let posts = 0;
  try {
    for await (const post of limited(listing, options.postLimit)) {
      if (process.stdout.destroyed) break; // nobody reads on
      posts++;
      for (const item of post.items) {
        if (!seen.add(item.id) || filter(item)) continue;
        kinds.set(item.kind, (kinds.get(item.kind) ?? 0) + 1);
        process.stdout.write(lineFor(item, wishes));
      }
    }
  } finally {
    await net.close();
  }
  if (!wishes.getUrls && !wishes.dumpJson) process.stdout.write(overview(posts, kinds));
  return 0;
}

async function* limited(listing: Listing, most: number): AsyncGenerator<Post> {
  let left = most;
  for await (const { posts } of listing.pages(undefined)) {
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

function overview(posts: number, kinds: ReadonlyMap<string, number>): string {
  const all = [...kinds.values()].reduce((sum, n) => sum + n, 0);
  const told = [...kinds].map(([kind, n]) => `${n} ${kind}`).join(', ') || 'none';
  return `${many(posts, 'post')} with ${many(all, 'media item')}: ${told}\n`;
}
