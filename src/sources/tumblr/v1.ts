import type { Post } from '../../model.ts';
import { shownAddress } from '../../shown.ts';
import { isObject, type JsonObject } from '../json-path.ts';
import type { Entry, Slice } from '../offset-search.ts';
import { Offsets } from '../offsets.ts';
import type { Timeline, TimelinePage } from '../timeline.ts';
import type { OwnHosts } from './addresses.ts';
import { horizon } from './horizon.ts';
import { num, V1Asker, type V1Way } from './v1-ask.ts';
import type { V1Page } from './v1-json.ts';
import { idOf, momentOf, readV1Post } from './v1-post.ts';

/**
 * The posts of a blog by the public API v1, which needs no key. `base` is the address of the blog without a slash at
 * the end. It remembers where its last page ended: one listing at a time.
 */
export function v1Timeline(base: string, way: V1Way): Timeline {
  const name = shownAddress(base);
  const { warnings, ownHosts } = way;
  const skip = (message: string) => warnings.skip(`${name}: ${message}`);
  const warn = (message: string) => warnings.warn(`${name}: ${message}`);
  const reading = { skip, ownHosts };
  const asker = new V1Asker(base, way);
  const offsets = new Offsets({
    name,
    num,
    furthest: 10_000_000,
    read: async (start) => sliceOf(start, await asker.ask(start)),
    warn,
    skip,
  });
  return {
    moment: (date) => Math.floor(Date.parse(date) / 1000),
    async page(order, from) {
      if (way.id !== undefined) return onePost(sliceOf(0, await asker.ask(0)), reading);
      const { entries, newest, next, total } = await offsets.page(order, from);
      return { posts: postsOf(entries, reading), newest, next, ...(total !== undefined && { total }) };
    },
    async momentAt(place) {
      return sliceOf(place, await asker.ask(place)).entries[0]?.moment ?? null;
    },
  };
}

const sliceOf = (start: number, { posts, total }: V1Page): Slice => ({
  start,
  total,
  entries: posts.map((raw, nth) => ({
    offset: start + nth,
    id: isObject(raw) ? idOf(raw) : undefined,
    moment: isObject(raw) ? placeOf(raw) : undefined,
    raw,
  })),
});

/** By which it is found in the list. */
function placeOf(raw: JsonObject): number | undefined {
  const moment = momentOf(raw);
  return moment === undefined || moment > horizon() ? undefined : moment;
}

interface Reading {
  readonly skip: (message: string) => void;
  readonly ownHosts: OwnHosts | undefined;
}

function onePost({ entries }: Slice, reading: Reading): TimelinePage {
  const [newest = null] = entries.map(({ moment }) => moment ?? null);
  return { posts: postsOf(entries, reading), newest, next: null };
}

function postsOf(entries: readonly Entry[], { skip, ownHosts }: Reading): readonly Post[] {
  return entries.flatMap(({ raw, offset }) => {
    const post = isObject(raw) ? readV1Post(raw, { ownHosts }) : undefined;
    if (!post) skip(`post ${offset + 1} ${isObject(raw) ? 'has no id' : 'is not an object'}; it is skipped.`);
    return post ?? [];
  });
}
