import type { Page } from '../../model.ts';
import { at, wholeOf } from '../json-path.ts';
import { Standstill, type TimelinePage } from '../timeline.ts';
import { type ContentWay, resources } from './ask.ts';
import { ContentList } from './content.ts';

/** The clocks of two machines differ, and what is asked for twice does no harm. */
const slack = 3600;

/** Whatever is changed from now on is asked for by the next listing. Seconds. */
export const beganAt = (): number => Math.floor(Date.now() / 1000) - slack;

/** When the last whole listing began, as it was remembered. */
export const sinceOf = (memory: unknown): number | undefined => wholeOf(at(memory, ['since']));

interface Since {
  readonly since: number;
  readonly began: number;
  /** Posts that were listed already in this run. */
  readonly shown: ReadonlySet<string>;
  readonly leaveOut?: ((why: string) => void) | undefined;
}

/**
 * What was changed since then: old posts that were edited, and such as were put in with an old date, which a listing by
 * dates does not come by again.
 */
export async function* updates(way: Since, content: ContentWay): AsyncGenerator<Page> {
  try {
    for (const resource of resources)
      for await (const page of changesOf(new ContentList(resource, 'updated_at', content), way.since)) {
        const isLast = page.next === null && resource === resources.at(-1);
        const posts = page.posts.filter(({ id }) => !way.shown.has(id));
        yield { posts, memory: { since: isLast ? way.began : way.since } };
      }
  } catch (error) {
    if (!(error instanceof Standstill)) throw error;
    way.leaveOut?.(error.message);
  }
}

async function* changesOf(list: ContentList, since: number): AsyncGenerator<TimelinePage> {
  for (let from: number | null = since; from !== null; ) {
    const page: TimelinePage = await list.page('oldest', from);
    yield page;
    from = page.next;
  }
}
