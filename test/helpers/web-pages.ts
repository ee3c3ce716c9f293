import { setMaxListeners } from 'node:events';
import { waybackPages } from '../../src/archive/prefix.ts';
import { lanes } from '../../src/archive/wayback.ts';
import type { Capture } from '../../src/demo/captures.ts';
import type { WebArchiveOptions } from '../../src/demo/web-archive.ts';
import { fetcher } from '../../src/net/fetch.ts';
import { Gate } from '../../src/net/gate.ts';
import { openHttp } from '../../src/net/http.ts';
import { checkOptions, type GivenOptions } from '../../src/options.ts';
import type { Progress } from '../../src/progress.ts';
import { withFakeArchive } from './fake-archive.ts';
import type { Running } from './fake-blog.ts';
import { answersPrefix } from './prefix-index.ts';
import { patience } from './rig.ts';

export interface WebPages {
  readonly web: ReturnType<typeof waybackPages>;
  readonly archive: Running;
  readonly events: readonly Progress[];
  /** The questions that the index was asked, in order. */
  readonly questions: () => readonly URLSearchParams[];
}

/** A web archive as a source is handed it, over a stand-in on a real socket; waits are short. */
export async function withWebPages<T>(
  captures: readonly Capture[],
  { index = answersPrefix(captures), ...given }: WebArchiveOptions & GivenOptions,
  test: (pages: WebPages) => Promise<T>,
): Promise<T> {
  return withFakeArchive(captures, { index }, async (archive) => {
    const events: Progress[] = [];
    const options = checkOptions({ allowPrivate: true, retries: 2, backoffBase: 1, backoffMax: 1, ...given });
    setMaxListeners(0, options.signal); // one signal serves all waits
    const limits = { rate: Number.POSITIVE_INFINITY, burst: null, places: 6, silence: 1 };
    const report = (event: Progress) => void events.push(event);
    const own = { [lanes.index]: { ...limits, kin: [lanes.replay] }, [lanes.replay]: limits };
    const gate = new Gate({ ...limits, concurrency: 6, inHand: 6, ...patience, report, lanes: own });
    const http = openHttp({ ...options, services: [archive.url] });
    const mayFollow = (to: URL) => to.origin === archive.url;
    const onLane = (lane: string) => fetcher(http, gate, { ...options, lane, mayFollow });
    const [askIndex, askReplay] = [onLane(lanes.index), onLane(lanes.replay)];
    const { waybackFrom: from, waybackTo: to } = options;
    const web = waybackPages({ ...options, base: archive.url, from, to, askIndex, askReplay });
    const questions = () =>
      archive.requests
        .filter(({ path }) => path.startsWith('/cdx/'))
        .map(({ path }) => new URL(path, archive.url).searchParams);
    try {
      return await test({ web, archive, events, questions });
    } finally {
      await gate.close();
      http.close();
    }
  });
}
