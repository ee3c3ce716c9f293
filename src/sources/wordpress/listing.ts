import type { Page } from '../../model.ts';
import type { ListingWay, SourceContext } from '../source.ts';
import { walk } from '../timeline.ts';
import type { Warnings } from '../warnings.ts';
import type { Part, TypeList } from './list.ts';
import { type Plan, planOf } from './memory.ts';
import { Reader } from './reader.ts';
import type { Site } from './site.ts';
import { TypesTimeline } from './timeline.ts';
import type { PostType } from './types.ts';

/** A blog that can be listed, for its first posts have come. */
export interface Begun {
  /** What is listed, as it stands in sentences. */
  readonly name: string;
  readonly site: Site;
  readonly lists: readonly TypeList[];
  /** What came, the newest of each type. */
  readonly parts: readonly Part[];
  /** What the blog has, and does not show. */
  readonly refused: readonly RefusedType[];
}

export interface RefusedType {
  readonly type: PostType;
  /** Does the server fail over it, rather than refuse it? */
  readonly isBroken: boolean;
}

interface Way {
  readonly context: SourceContext;
  readonly warnings: Warnings;
  /** Of WordPress.com. */
  readonly api: string;
}

/** All that is wanted by date, then what was edited or put in with an old date since the last listing. */
export async function* listed(begun: Begun, way: Way, listing?: ListingWay): AsyncGenerator<Page> {
  const { site, lists, parts, name } = begun;
  const offset = site.offset ?? offsetIn(parts);
  const plan = planOf({ types: lists.map(({ type }) => type.slug), since: beginning(offset) }, listing);
  tellRefused(begun, plan, way.warnings);
  let isLeft = false;
  const leaveOut = (why: string) => {
    isLeft = true;
    listing?.leaveOut?.(why);
  };
  const given = listing && { ...listing, covered: plan.covered, leaveOut };
  const reader = new Reader({ ...way, root: site.root, home: site.home, name, offset });
  const read: Reader['read'] = (entries) => reader.read(entries);
  const timeline = new TypesTimeline({ lists, offset, begun: parts, blog: { raw: site.facts ?? {} }, read });
  try {
    for await (const page of walk(timeline, given)) {
      const memory = plan.during(page.covers);
      yield memory ? { ...page, memory } : page;
    }
    const isPart = listing?.after != null || listing?.before != null;
    if (isLeft || isPart) return;
    if (plan.since !== undefined) yield* changed(lists, plan.since, read);
    if (plan.end) yield { posts: [], memory: plan.end };
  } finally {
    reader.close();
  }
}

/** Nobody may take for gone what is not shown this time: a listing that could tell what is gone is none without it. */
function tellRefused({ refused, name }: Begun, { needs }: Plan, warnings: Warnings): void {
  for (const { type, isBroken } of refused) {
    const message = `The ${type.base} of ${name} are not listed: its API ${isBroken ? 'breaks down over' : 'does not show'} them.`;
    if (isBroken || needs(type.slug)) warnings.skip(message);
    else warnings.warn(message);
  }
}

async function* changed(
  lists: readonly TypeList[],
  since: string,
  read: Reader['read'],
): AsyncGenerator<Page> {
  for (const list of lists)
    for await (const entries of list.changed(since)) yield { posts: await read(entries) };
}

/**
 * More than a day before now: a blog may be told to live elsewhere, and clocks go wrong; what is listed twice is no harm.
 */
const beginning = (offset: number): string =>
  new Date(Date.now() + (offset - 27 * 3600) * 1000).toISOString().slice(0, 19);

/** How far the clock of the blog is from Greenwich, by its newest post. */
function offsetIn(parts: readonly Part[]): number {
  for (const { entries } of parts)
    for (const { raw, moment } of entries) {
      const gmt =
        typeof raw.date_gmt === 'string' ? Date.parse(`${raw.date_gmt.slice(0, 19)}Z`) / 1000 : Number.NaN;
      const offset = moment === undefined ? Number.NaN : moment - gmt;
      if (Math.abs(offset) <= 15 * 3600) return offset;
    }
  return 0;
}
