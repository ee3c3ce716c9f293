import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { sentence } from '../errors.ts';
import type { MediaItem } from '../model.ts';
import { hostOf, isHandedOver } from '../net/hosts.ts';
import type { CrawlOptions } from '../options.ts';
import { archivePath } from '../run.ts';
import { heldItems } from '../vault/held-items.ts';
import { type Estimate, estimate, Sample } from './estimate.ts';
import { type Scales, type Weight, weighAll } from './weigh.ts';

/** What a run would come to, as far as a listing and a few questions tell. */
export interface Outlook {
  readonly posts: number;
  /** How many the platform says there are. */
  readonly stated: number | null;
  readonly items: number;
  readonly kinds: Readonly<Record<string, number>>;
  /** Items that the archive keeps already: they are not counted below. */
  readonly held: number;
  /** Requests that the listing took. */
  readonly requests: number;
  /** Files whose servers were asked for their sizes, and what came of it. */
  readonly asked: number;
  readonly sized: number;
  /** Larger or smaller than the options want: as little is taken in as of what is gone. */
  readonly unwanted: number;
  readonly gone: number;
  readonly unsized: number;
  readonly silent: number;
  /** null where nobody was asked, or nobody said a size. */
  readonly bytes: Estimate | null;
  /** At the least, by the rates in force. */
  readonly seconds: number;
  readonly path: string;
  /** Bytes that are free there; null where that cannot be told. */
  readonly free: number | null;
  readonly fits: boolean | null;
}

interface Means {
  readonly options: CrawlOptions;
  readonly net: Scales;
  /** The name of the archive, where the source knows one. */
  readonly name: string | null;
}

/** A forecast that takes longer is none. */
const PATIENCE = 60_000;

/** Sees every item of a listing, remembers a few of them, and says what they all come to. */
export class Forecast {
  readonly #means: Means;
  readonly #path: string;
  readonly #sample: Sample<string>;
  readonly #kinds = new Map<string, number>();
  readonly #hosts = new Map<string, number>();
  #archived: ReadonlySet<string> = new Set();
  #items = 0;
  #held = 0;

  private constructor(means: Means) {
    const { options, name } = means;
    this.#means = means;
    const isUnnamed = name === null && options.directory === null;
    this.#path = isUnnamed ? resolve(options.destination) : archivePath(options, name);
    this.#sample = new Sample(options.simulateSample, options.random);
  }

  /** An archive that cannot be read is told, and counts as empty. */
  static async open(means: Means): Promise<Forecast> {
    const forecast = new Forecast(means);
    forecast.#archived = await heldItems(forecast.#path).catch((error: unknown) => {
      means.options.report({ event: 'warning', message: sentence(error) });
      return new Set<string>();
    });
    return forecast;
  }

  see({ id, kind, url }: MediaItem): void {
    this.#items++;
    this.#kinds.set(kind, (this.#kinds.get(kind) ?? 0) + 1);
    if (this.#archived.has(id)) {
      this.#held++;
      return;
    }
    this.#sample.see(url);
    if (isHandedOver(url)) return; // no host is asked for it
    const host = hostOf(url);
    this.#hosts.set(host, (this.#hosts.get(host) ?? 0) + 1);
  }

  async outlook(posts: number, stated: number | null = null): Promise<Outlook> {
    const { net, options } = this.#means;
    const { requests } = net.http; // before those that ask for sizes
    const weights = await weighAll(net, this.#sample.chosen, { ...options, patience: PATIENCE });
    const bytes = estimate(bytesOf(weights), this.#sample.seen) ?? null;
    const free = await freeAt(this.#path);
    const count = (state: Weight['state']) => weights.filter((one) => one.state === state).length;
    return {
      posts,
      stated,
      items: this.#items,
      kinds: Object.fromEntries(this.#kinds),
      held: this.#held,
      requests,
      asked: weights.length,
      sized: count('sized'),
      unwanted: count('unwanted'),
      gone: count('gone'),
      unsized: count('unsized'),
      silent: count('silent'),
      bytes,
      seconds: leastSeconds([...this.#hosts.values()], bytes?.sum ?? 0, options),
      path: this.#path,
      free,
      fits: bytes === null || free === null ? null : (bytes.most ?? bytes.sum) <= free,
    };
  }
}

/** What is gone, or not wanted, weighs nothing; what nobody knows may weigh as much as the others. */
const bytesOf = (weights: readonly Weight[]): number[] =>
  weights
    .filter(({ state }) => state !== 'unsized' && state !== 'silent')
    .map((one) => (one.state === 'sized' ? one.bytes : 0));

/** Hosts are asked side by side, each at its rate: the longest of them counts, or the line if that is slower. */
export function leastSeconds(
  hosts: readonly number[],
  bytes: number,
  { rate, burst, sleep, limitRate }: Pick<CrawlOptions, 'rate' | 'burst' | 'sleep' | 'limitRate'>,
): number {
  const most = hosts.reduce((largest, n) => Math.max(largest, n), 0);
  const atOnce = burst ?? Math.max(1, rate / 10);
  const byRate = Math.max(0, most - atOnce) / rate;
  const bySleep = sleep === null ? 0 : (most * (sleep[0] + sleep[1])) / 2 / 1000;
  return Math.round(Math.max(byRate, bySleep, bytes / limitRate) || 0);
}

/** On the disk where the folder lies, or will lie. */
async function freeAt(path: string): Promise<number | null> {
  let folder = path;
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return null; // not every file system tells, and a forecast goes on without
  }
}
