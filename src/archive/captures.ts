import type { In, Location, Tried } from '../model.ts';
import { choose, timeOf } from './choose.ts';
import { type Capture, indexQuestion, lanes, rawCapture, WebArchiveError } from './wayback.ts';

export interface CapturesOptions {
  readonly base: string;
  /** How many captures of an item are worth a request. */
  readonly most: number;
}

export const WAYBACK = 'wayback';

/** The Internet Archive as a place: the captures of a lost item, the likeliest first. */
export function captures(index: (url: string) => Promise<Capture[]>, { base, most }: CapturesOptions) {
  return { name: WAYBACK, locations };

  async function* locations({ item }: In<'lost'>): AsyncGenerator<Location | Tried> {
    const answer = (outcome: Tried['outcome'], detail: string): Tried => ({
      where: WAYBACK,
      url: indexQuestion(base, item.url),
      outcome,
      detail,
    });
    let found: Capture[];
    try {
      found = choose(await index(item.url), item, most);
    } catch (error) {
      if (!(error instanceof WebArchiveError)) throw error;
      yield answer('archive-unreachable', error.message);
      return;
    }
    if (found.length === 0) yield answer('no-capture', 'the index has none');
    for (const capture of found) {
      const url = rawCapture(base, capture);
      yield {
        kind: 'snapshot',
        url,
        lane: lanes.replay,
        snapshot: { archive: WAYBACK, time: timeOf(capture), url, digest: capture.digest },
      };
    }
  }
}
