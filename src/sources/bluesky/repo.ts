import type { Order, Post } from '../../model.ts';
import { counted } from '../../shown.ts';
import type { Hearing } from '../hear.ts';
import { at, isObject } from '../json-path.ts';
import { Standstill, type Timeline, type TimelinePage } from '../timeline.ts';
import { type PostReading, partsOfUri, readRecord } from './post.ts';
import { momentOfTid, tidAt } from './tid.ts';
import { call } from './xrpc.ts';

export interface RepoWay {
  readonly did: string;
  /** Whom it is asked of: the account's own server. */
  readonly pds: string;
  readonly limit: number;
  readonly hearing: Hearing;
  readonly reading: PostReading;
}

/** So many pages that lead no further in time: keys that nobody has made by a clock, or a server that turns in a circle. */
const mostStill = 50;

/**
 * The posts that an account holds, by the moments in their keys. The server leads on behind any key, so that a page can
 * begin at any moment.
 */
export function repoTimeline(way: RepoWay): Timeline {
  const ask = asking(way);
  return {
    moment: (date) => Date.parse(date) * 1000,
    async page(order, from) {
      const step = order === 'newest' ? -1 : 1;
      const records: Records[] = [];
      let cursor = from === null ? undefined : keyBefore(from, order);
      for (let n = 0; n < mostStill; n++) {
        const leaf = await ask(cursor, order);
        records.push(leaf);
        if (leaf.next === undefined) return pageOf(records, null);
        const last = leaf.moments.at(-1);
        const isFurther = last !== undefined && (from === null || (last - from) * step > 0);
        if (isFurther) return pageOf(records, last);
        if (leaf.next === cursor) break;
        cursor = leaf.next;
      }
      throw new Standstill(
        `${way.hearing.name} cannot be listed on: ${counted(records.length, 'page')} in a row lead no further in time.`,
      );
    },
  };
}

/** Which end comes first by default is settled nowhere: a server that begins with the other one is asked the other way round. */
function asking(way: RepoWay) {
  let isTurned = false;
  const isReverse = (order: Order) => (order === 'oldest') !== isTurned;
  return async (cursor: string | undefined, order: Order): Promise<Records> => {
    const found = await recordsBehind(cursor, isReverse(order), way);
    const [first, last] = [found.moments[0] ?? 0, found.moments.at(-1) ?? 0];
    if (isTurned || first === last || first > last === (order === 'newest')) return found;
    isTurned = true;
    return recordsBehind(cursor, isReverse(order), way);
  };
}

/** Keys are listed behind the one that is named: in either order this is the last that is not wanted. */
const keyBefore = (from: number, order: Order): string =>
  order === 'newest' ? tidAt(from + 1, 'first') : tidAt(Math.max(0, from - 1), 'last');

/** A page as the server gives it. */
interface Records {
  readonly posts: readonly Post[];
  /** Of the keys that hold one, in the order of the page. */
  readonly moments: readonly number[];
  readonly next: string | undefined;
}

function pageOf(all: readonly Records[], next: number | null): TimelinePage {
  const moments = all.flatMap((one) => one.moments);
  const posts = new Map(all.flatMap((one) => one.posts.map((post) => [post.id, post] as const)));
  return { posts: [...posts.values()], newest: moments.length === 0 ? null : Math.max(...moments), next };
}

async function recordsBehind(cursor: string | undefined, isReverse: boolean, way: RepoWay): Promise<Records> {
  const { did, pds, limit, hearing, reading } = way;
  const reverse = isReverse ? 'true' : undefined;
  const query = { repo: did, collection: 'app.bsky.feed.post', limit, cursor, reverse };
  const { records, next } = await call(
    {
      base: pds,
      method: 'com.atproto.repo.listRecords',
      query,
      find: recordsIn,
      lacks: 'has no list of records',
    },
    hearing,
  );
  const posts = records.flatMap((record) => {
    const post = isObject(record)
      ? readRecord({ uri: record.uri, cid: record.cid, value: record.value }, reading)
      : undefined;
    if (!post) hearing.warnings.skip(`${hearing.name}: a record of the list is no post; it is skipped.`);
    return post ?? [];
  });
  const moments = posts.flatMap(({ id }) => momentOfTid(partsOfUri(id)!.key) ?? []);
  return { posts, moments, next: records.length === 0 ? undefined : next };
}

function recordsIn(
  value: unknown,
): { readonly records: readonly unknown[]; readonly next: string | undefined } | undefined {
  const [records, cursor] = [at(value, ['records']), at(value, ['cursor']) ?? ''];
  const isSound = Array.isArray(records) && typeof cursor === 'string' && cursor.length <= 4096;
  return isSound ? { records, next: cursor === '' ? undefined : cursor } : undefined;
}
