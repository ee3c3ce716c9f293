import type { MediaItem, Reason } from '../model.ts';

/** The status that an address answers now; undefined if nothing is answered. */
type Ask = (url: string) => Promise<number | undefined>;

export interface ThrottlingOptions {
  /** Nobody asks the host for a moment, so that a limit that counts by the second lets go. */
  readonly rest: (lane: string) => void;
  readonly slow: (lane: string, why: string) => void;
  readonly park: (lane: string, reason: Reason) => void;
}

/** Refusals in a row that are no longer taken at their word. */
const BURST = 10;
/** Nor are so many of the last answers: a limit on the rate gives and refuses by turns. */
const MANY = 4;
const LATELY = 20;
/** Answers before a mood was noticed that may have belonged to it, and after it that are still doubted. */
const AROUND = 30;
const LASTS = 50;
const REMEMBERED = 200;
/** A host that refuses everything is asked ever slower, so many times; then it is left alone. */
const MOST_SLOWINGS = 5;

interface Host {
  lastGood: string;
  /** Good ones and refusals. */
  answers: number;
  /** The last ones, with the number of the answer. */
  refused: { readonly id: string; readonly url: string; readonly at: number }[];
  inARow: number;
  /** So many in a row before it is looked into. */
  threshold: number;
  /** The answer before which a mixture is not looked into again; each look in vain doubles the step. */
  lookAt: number;
  lookStep: number;
  /** Up to this answer no refusal counts. */
  moodUntil: number;
  moods: number;
  verdict: Promise<boolean> | undefined;
}

const hostAt = (lastGood: string): Host => ({
  lastGood,
  answers: 0,
  refused: [],
  inARow: 0,
  threshold: BURST,
  lookAt: LATELY,
  lookStep: LATELY,
  moodUntil: 0,
  moods: 0,
  verdict: undefined,
});

/**
 * Some hosts say 403 or 404 when they mean "not so fast". Refusals right after good answers, many in a row or many
 * among the last, are looked into: after a moment's rest, is what was refused given now, or what was good refused?
 * Then nothing that the host refuses counts for a while; it is asked for once more at the end.
 */
export class Throttling {
  /** Items whose refusal was believed and no longer is. */
  readonly doubted = new Set<string>();
  readonly #options: ThrottlingOptions;
  readonly #hosts = new Map<string, Host>();

  constructor(options: ThrottlingOptions) {
    this.#options = options;
  }

  /** How many hosts are remembered. */
  get hosts(): number {
    return this.#hosts.size;
  }

  well(lane: string, url: string): void {
    const host = this.#hosts.get(lane) ?? hostAt(url);
    this.#hosts.delete(lane); // and set again as the youngest
    this.#hosts.set(lane, host);
    host.answers++;
    host.lastGood = url;
    host.inARow = 0;
    host.threshold = BURST;
    if (this.#hosts.size > 1000) this.#hosts.delete(this.#hosts.keys().next().value!);
  }

  /** Is this refusal a mood of the whole host? */
  async isMood(lane: string, item: Pick<MediaItem, 'id' | 'url'>, ask: Ask): Promise<boolean> {
    const host = this.#hosts.get(lane);
    if (!host) return false; // it never gave anything: its word is all there is
    host.inARow++;
    host.refused = [...host.refused.slice(1 - REMEMBERED), { ...item, at: ++host.answers }];
    if (host.answers <= host.moodUntil) return this.#goOn(lane, host);
    const isMixed = host.answers >= host.lookAt && lately(host) >= MANY;
    if (host.inARow < host.threshold && !isMixed) return false;
    host.verdict ??= this.#lookInto(lane, host, ask);
    return host.verdict;
  }

  async #lookInto(lane: string, host: Host, ask: Ask): Promise<boolean> {
    const { answers, inARow } = host; // more may come while this is looked into
    const why =
      inARow >= host.threshold
        ? `${inARow} answers in a row were 403 or 404, right after good ones`
        : `${lately(host)} of the last ${LATELY} answers were 403 or 404, which was not meant`;
    this.#options.rest(lane);
    const isMeant = !isGiven(await ask(host.refused.at(-1)!.url)) && isGiven(await ask(host.lastGood));
    host.verdict = undefined;
    host.threshold = Math.max(BURST, host.inARow * 2);
    if (isMeant) host.lookStep *= 2;
    host.lookAt = host.answers + host.lookStep;
    if (isMeant) return false;
    host.moodUntil = host.answers + LASTS;
    for (const { id, at } of host.refused) if (at > answers - AROUND) this.doubted.add(id);
    this.#options.slow(lane, why);
    return true;
  }

  #goOn(lane: string, host: Host): boolean {
    host.moodUntil = host.answers + LASTS;
    if (++host.moods % BURST > 0) return true;
    const why = `it has refused ${host.inARow} in a row`;
    if (host.inARow > MOST_SLOWINGS * BURST) this.#options.park(lane, throttled(why));
    else this.#options.slow(lane, `${lately(host)} of the last ${LATELY} answers were 403 or 404`);
    return true;
  }
}

const lately = ({ refused, answers }: Host): number =>
  refused.filter(({ at }) => at > answers - LATELY).length;

export const throttled = (detail: string): Reason => ({ code: 'throttled', detail });

const isGiven = (status: number | undefined): boolean =>
  status !== undefined && ((status >= 200 && status < 400) || status === 416);
