import type { MediaRecord } from './model.ts';
import type { Progress } from './progress.ts';
import { isPutOff } from './reasons.ts';

/** A download under way. */
export interface Active {
  readonly url: string;
  readonly total: number | null;
  readonly since: number;
  bytes: number;
}

/** Milliseconds over which speed is measured, and between two looks that are remembered. */
const WINDOW = 10_000;
const BETWEEN = 250;

/** What a run has told so far, folded into what a person wants to see. */
export class Tracker {
  readonly active = new Map<string, Active>();
  readonly pauses = new Map<string, { until: number; why: string }>();
  listed = 0;
  isListed = false;
  settled = 0;
  lost = 0;
  bytes = 0;
  recovering = new Set<string>();
  readonly #putOff = new Set<string>();
  readonly #clock: () => number;
  readonly #samples: { at: number; bytes: number; settled: number }[];

  constructor(clock: () => number = () => performance.now()) {
    this.#clock = clock;
    this.#samples = [{ at: clock(), bytes: 0, settled: 0 }];
  }

  readonly see = (event: Progress): void => {
    switch (event.event) {
      case 'listed':
        this.listed = event.listed;
        this.isListed = event.done;
        break;
      case 'started':
        this.active.set(event.url, {
          url: event.url,
          total: event.total,
          since: this.#clock(),
          bytes: event.had,
        });
        break;
      case 'bytes':
        this.#count(event.url, event.bytes);
        break;
      case 'ended':
        this.active.delete(event.url);
        break;
      case 'recover':
        this.recovering.add(event.item);
        break;
      case 'pause':
        this.pauses.set(event.host, { until: this.#clock() + event.ms, why: event.why });
        break;
      case 'item':
        if (event.supersedes) this.#takeBack(event.supersedes);
        this.#settle(event.record);
        break;
    }
  };

  /** Bytes and items a second, over the last ten seconds or since the last look before them. */
  speed(): { bytes: number; items: number } {
    const now = { at: this.#clock(), bytes: this.bytes, settled: this.settled };
    while (this.#samples.length > 1 && now.at - this.#samples[1]!.at >= WINDOW) this.#samples.shift();
    const first = this.#samples[0]!;
    if (now.at - this.#samples.at(-1)!.at >= BETWEEN) this.#samples.push(now);
    const seconds = Math.max(0.001, (now.at - first.at) / 1000);
    return { bytes: (now.bytes - first.bytes) / seconds, items: (now.settled - first.settled) / seconds };
  }

  /** Seconds until all that is listed is settled; undefined while nobody can say. */
  eta(): number | undefined {
    const { items } = this.speed();
    return this.isListed && items > 0 ? (this.listed - this.settled) / items : undefined;
  }

  /** Hosts that rest now, with the seconds left. */
  resting(): { host: string; seconds: number; why: string }[] {
    const now = this.#clock();
    for (const [host, { until }] of this.pauses) if (until <= now) this.pauses.delete(host);
    return [...this.pauses].map(([host, { until, why }]) => ({
      host,
      seconds: Math.ceil((until - now) / 1000),
      why,
    }));
  }

  #takeBack({ status }: MediaRecord): void {
    this.settled--;
    if (status === 'missing' || status === 'failed') this.lost--;
  }

  /** An item that was put off is told of twice, and counts once. */
  #settle({ item, status, reason }: MediaRecord): void {
    this.recovering.delete(item);
    const isLost = status === 'missing' || status === 'failed';
    if (this.#putOff.delete(item)) this.lost--;
    else this.settled++;
    if (isLost) this.lost++;
    if (isPutOff(reason?.code)) this.#putOff.add(item);
  }

  #count(url: string, bytes: number): void {
    this.bytes += bytes;
    const active = this.active.get(url);
    if (active) active.bytes += bytes;
  }
}
