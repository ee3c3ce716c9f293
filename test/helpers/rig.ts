import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import type { In, Parcel } from '../../src/model.ts';
import { Gate, type GateOptions } from '../../src/net/gate.ts';
import { openGlance } from '../../src/net/glance.ts';
import { openHttp } from '../../src/net/http.ts';
import { Network } from '../../src/net/network.ts';
import { type CrawlOptions, checkOptions, type GivenOptions } from '../../src/options.ts';
import { download } from '../../src/pipeline/download.ts';
import { rateLimit } from '../../src/pipeline/rate-limit.ts';
import { through } from '../../src/pipeline/stage.ts';
import { Throttling } from '../../src/pipeline/throttling.ts';
import { openTransfer } from '../../src/pipeline/transfer.ts';
import type { Progress } from '../../src/progress.ts';
import { withTempFolder } from './temp-folder.ts';

/** The way from wanted to fetched as a run has it, and where its part files lie. */
export interface Rig {
  readonly dir: string;
  readonly options: CrawlOptions;
  readonly gate: Gate;
  readonly events: Progress[];
  readonly part: string;
  readonly admit: (parcel: In<'wanted'>) => Promise<Parcel>;
  readonly fetch: (parcel: In<'admitted'>) => Promise<Parcel>;
  /** Both steps after one another. */
  readonly get: (parcel: Parcel) => Promise<Parcel>;
  readonly requests: () => number;
}

export interface RigOptions extends GivenOptions {
  readonly gate?: Partial<GateOptions>;
  /** All items share one part file by default. */
  readonly partOf?: (parcel: In<'admitted'>) => string;
}

/** As it is by default. */
export const pace = { minSpeed: 1024, minSpeedTime: 60_000, attemptTime: 900_000 };

/** A host is never given up: tests of single items ask it in vain more often than a run would. */
export const patience = {
  retryAfterMax: 300_000,
  probes: Number.POSITIVE_INFINITY,
  probeAfter: 0,
  probeMax: 60_000,
  hostRest: 300_000,
};

/** Loopback may be reached, and waits are short; everything else as it is by default. */
export async function withRig<T>(given: RigOptions, test: (rig: Rig) => Promise<T>): Promise<T> {
  const { gate: gateOptions, partOf = () => 'part', ...rest } = given;
  const events: Progress[] = [];
  const report = (event: Progress) => void events.push(event);
  const options = checkOptions({
    allowPrivate: true,
    backoffBase: 1,
    backoffMax: 1,
    timeout: 10_000,
    report,
    ...rest,
  });
  for (const signal of [options.signal, options.stop]) setMaxListeners(0, signal); // as a run does
  const unlimited = { rate: Number.POSITIVE_INFINITY, burst: null, places: 100 };
  const gate = new Gate({
    ...unlimited,
    concurrency: 100,
    inHand: 1000,
    ...patience,
    report: options.report,
    ...gateOptions,
  });
  const http = openHttp({ ...options, services: [options.wayback] });
  try {
    return await withTempFolder(async (dir) => {
      const partFor = (parcel: In<'admitted'>) => join(dir, partOf(parcel));
      const admit = rateLimit(gate, options);
      const network = new Network(options);
      const throttling = new Throttling({
        rest: () => undefined,
        slow: (lane, why) => gate.slow(lane, why),
        park: (lane, reason) => gate.park(lane, options.hostRest, reason),
      });
      const way = {
        gate,
        transfer: openTransfer(http, options),
        network,
        throttling,
        glance: openGlance(http, options),
      };
      const fetch = download(way, { ...options, partFor });
      const get = through({ wanted: admit, admitted: fetch });
      const rig = { dir, options, gate, events, part: join(dir, 'part'), admit, fetch, get };
      return test({ ...rig, requests: () => http.requests });
    });
  } finally {
    await gate.close();
    http.close();
  }
}
