import { setMaxListeners } from 'node:events';
import { limitsOf, openArchives } from './archive/archives.ts';
import { waybackPages } from './archive/prefix.ts';
import { lanes, wayback } from './archive/wayback.ts';
import type { WebArchive } from './archive/web-archive.ts';
import { AuthError, QuotaError, SourceError, sentence } from './errors.ts';
import type { In, Verdict } from './model.ts';
import { fetcher } from './net/fetch.ts';
import { Gate, type GateOptions } from './net/gate.ts';
import { openGlance } from './net/glance.ts';
import { handOver } from './net/hosts.ts';
import { type Http, openHttp } from './net/http.ts';
import { Network } from './net/network.ts';
import { type CrawlOptions, checkOptions, type GivenOptions } from './options.ts';
import { staysWithin } from './pipeline/captured.ts';
import { Throttling } from './pipeline/throttling.ts';
import { openTransfer } from './pipeline/transfer.ts';
import { isAddress, nameOfAddress } from './sources/address.ts';
import { type Opened, openSource, sourceOf, surveySources } from './sources/index.ts';
import type { Listing, Source } from './sources/source.ts';
import { evidenceOf } from './verify/evidence.ts';
import { judge } from './verify/judge.ts';
import { readPlaceholders } from './verify/placeholders.ts';

/** What is open on the way to the world: shared by a run over a blog and by a single download. */
export function openNet(options: CrawlOptions) {
  const archives = openArchives(options);
  const listed = wayback(options.wayback); // a dead blog is listed from it, also where nothing is recovered
  const services = [listed, ...archives];
  const http = openHttp({ ...options, services: services.flatMap(({ bases }) => bases) });
  const gate = new Gate(gateOptions(options, services));
  const way = {
    gate,
    transfer: openTransfer(http, options),
    network: new Network(options),
    throttling: throttlingOf(gate, options),
    glance: openGlance(http, options),
  };
  const placeholders = readPlaceholders(options.placeholders);
  return {
    http,
    gate,
    archives,
    placeholders,
    way,
    judge: async (parcel: In<'fetched'>): Promise<Verdict> =>
      judge(await evidenceOf(parcel, placeholders), parcel),
    async close() {
      await gate.close();
      http.close();
    },
  };
}

function throttlingOf(gate: Gate, options: CrawlOptions): Throttling {
  const { throttlePause, hostRest, backoffBase } = options;
  return new Throttling({
    rest: (lane) => gate.pause(lane, backoffBase, 'to see whether it means its refusals'),
    slow(lane, why) {
      gate.slow(lane, why);
      gate.pause(lane, throttlePause, why);
    },
    park: (lane, reason) => gate.park(lane, hostRest, reason),
  });
}

function gateOptions(options: CrawlOptions, archives: readonly WebArchive[]): GateOptions {
  const { perHost, retries, backoffBase, backoffMax, sleep, random } = options;
  return {
    ...options,
    places: perHost,
    silence: backoffBase,
    probes: retries,
    probeAfter: backoffBase,
    probeMax: backoffMax,
    sleep: sleep ? () => sleep[0] + random() * (sleep[1] - sleep[0]) : undefined,
    lanes: {
      ...limitsOf(archives, options),
      [handOver]: { rate: Number.POSITIVE_INFINITY, burst: null, places: perHost },
    },
  };
}

/** Is there an archive of this name already? */
export type IsHeld = (name: string | null, options: CrawlOptions) => boolean;

/**
 * A source that can be read, and what is needed to read it. Nothing has been written yet. Where it cannot be read and
 * an archive is there, what that has is listed all the same, and the trouble comes with the first page.
 */
export async function openListing(target: string, given: GivenOptions, isHeld: IsHeld = () => false) {
  const options = checkOptions(given);
  for (const signal of [options.signal, options.stop]) setMaxListeners(0, signal); // one signal serves all waits
  const net = openNet(options);
  try {
    net.http.trust([withoutName(target)]);
    const { source, listing, ...others } = await openSource(
      target,
      sourceContext(net, options),
      options,
    ).catch((error) => unreadable(error, sourceOf(target, options), (name) => isHeld(name, options), target));
    net.http.trust(listing.trusted);
    return { options, net, source, listing, ...others };
  } catch (error) {
    await net.close();
    throw error;
  }
}

/** Which source takes a target, and why. */
export async function survey(target: string, given: GivenOptions) {
  const options = checkOptions(given);
  const net = openNet(options);
  try {
    net.http.trust([withoutName(target)]);
    return await surveySources(target, sourceContext(net, options), options);
  } finally {
    await net.close();
  }
}

/** An address behind the name of a source is named by the user, too. */
const withoutName = (target: string): string => target.replace(/^[\w-]+:(?=https?:)/, '');

function unreadable(
  error: unknown,
  source: Source | undefined,
  isHeld: (name: string | null) => boolean,
  target: string,
): Opened {
  const isOfSource =
    error instanceof SourceError || error instanceof AuthError || error instanceof QuotaError;
  const names = source ? [source.nameOf?.(target) ?? null] : namesOf(target);
  const name = names.find(isHeld);
  if (!isOfSource || name === undefined) throw error;
  return { source: source ?? unknown, listing: failing(name, error), doubts: [], rivals: [] };
}

/** The trouble is all that comes of it, with the first page. */
const failing = (name: string | null, error: Error): Listing => ({
  name,
  trusted: [],
  // biome-ignore lint/correctness/useYield: there is nothing before it
  async *pages() {
    throw error;
  },
});

type IsListedBy = (source: string) => Promise<boolean>;

/**
 * What one source lists because another, which knew the blog, could not. Where the archive was listed by that other one
 * it is the trouble alone: the posts have other ids in every source, and nobody asked for all of them anew.
 */
export async function faithful(
  { source, listing, doubts, rivals }: Opened,
  isListedBy: IsListedBy,
  warn: (message: string) => void,
): Promise<Listing> {
  for (const { source: other, error } of doubts) {
    if (await isListedBy(other)) {
      warn(`This archive was listed by the source ${other}; --source ${source.name} goes on by another.`);
      return failing(listing.name, error);
    }
    warn(`${sentence(error)} The source ${source.name} takes it in place of ${other}, and may find less.`);
  }
  for (const rival of (await isListedBy(source.name)) ? [] : rivals)
    if (await isListedBy(rival)) return failing(listing.name, notRecognised(rival, source.name));
  return listing;
}

const notRecognised = (before: string, now: string): SourceError =>
  new SourceError(
    `This archive was listed by the source ${before}, which does not know the address any more: it may be in trouble today. --source ${before} asks it all the same, --source ${now} goes on by another.`,
  );

/** What the archive of an address may be called that only a look can tell the source of. */
const namesOf = (target: string): readonly string[] =>
  isAddress(target) && URL.canParse(target)
    ? [nameOfAddress(target), nameOfAddress(new URL(target).origin)]
    : [];

const unknown: Pick<Source, 'name'> = { name: 'unknown' };

function sourceContext({ http, gate }: { http: Http; gate: Gate }, options: CrawlOptions) {
  const {
    settings,
    signal,
    report,
    wayback: base,
    waybackFrom: from,
    waybackTo: to,
    sourcePatience: patience,
  } = options;
  const isItsOwn = (url: URL) => staysWithin(new URL(base), url);
  const onLane = (lane: string) => fetcher(http, gate, { ...options, lane, mayFollow: isItsOwn });
  const [askIndex, askReplay] = [onLane(lanes.index), onLane(lanes.replay)];
  const webArchive = waybackPages({ ...options, base, from, to, askIndex, askReplay });
  const reach = { depth: options.depth, pages: options.maxPages };
  return {
    settings: { ...settings },
    signal,
    report,
    reach,
    patience,
    fetch: fetcher(http, gate, options),
    webArchive,
  };
}
