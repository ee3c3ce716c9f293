import { setMaxListeners } from 'node:events';
import { join, resolve } from 'node:path';
import { limitsOf, openArchives } from './archive/archives.ts';
import { openAsk } from './archive/ask.ts';
import { captures } from './archive/captures.ts';
import { waybackPages } from './archive/prefix.ts';
import { lanes, wayback } from './archive/wayback.ts';
import type { WebArchive } from './archive/web-archive.ts';
import { OxbowError, UsageError } from './errors.ts';
import type { In, MediaItem, MediaRecord, Reason, Summary, Verdict } from './model.ts';
import { fetcher } from './net/fetch.ts';
import { Gate, type GateOptions } from './net/gate.ts';
import { openGlance } from './net/glance.ts';
import { type Http, openHttp } from './net/http.ts';
import { Network } from './net/network.ts';
import { type CrawlOptions, checkOptions, type GivenOptions } from './options.ts';
import { alternates } from './pipeline/alternates.ts';
import { staysWithin } from './pipeline/captured.ts';
import { Hearsay } from './pipeline/hearsay.ts';
import type { Place } from './pipeline/recover.ts';
import { secondLook } from './pipeline/second-look.ts';
import { refuseSuspects, Suspicion } from './pipeline/suspicion.ts';
import { Tally } from './pipeline/tally.ts';
import { Throttling } from './pipeline/throttling.ts';
import { openTransfer } from './pipeline/transfer.ts';
import { unwrap } from './pipeline/unwrap.ts';
import type { Progress } from './progress.ts';
import { openSource } from './sources/index.ts';
import type { Answers } from './vault/answers.ts';
import { inside } from './vault/layout.ts';
import { Vault } from './vault/vault.ts';
import { sniff } from './verify/content-type.ts';
import { evidenceOf } from './verify/evidence.ts';
import { fits } from './verify/expected.ts';
import { judge } from './verify/judge.ts';
import { isPlaceholder, type Placeholders, readPlaceholders } from './verify/placeholders.ts';

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
    lanes: limitsOf(archives, options),
  };
}

/** A source that can be read, and what is needed to read it. Nothing has been written yet. */
export async function openListing(target: string, given: GivenOptions) {
  const options = checkOptions(given);
  for (const signal of [options.signal, options.stop]) setMaxListeners(0, signal); // one signal serves all waits
  const net = openNet(options);
  try {
    net.http.trust([target.replace(/^\w+:(?=https?:)/, '')]);
    const { source, listing } = await openSource(target, sourceContext(net, options), options.source);
    net.http.trust(listing.trusted);
    return { options, net, source, listing };
  } catch (error) {
    await net.close();
    throw error;
  }
}

/** Opens what a run needs, in the order in which it can fail without leaving anything behind, and closes it. */
export async function openRun(target: string, given: GivenOptions) {
  const cut = new AbortController(); // ends the run from inside: a stage failed, or the archive was taken away
  const signal = given.signal ? AbortSignal.any([given.signal, cut.signal]) : cut.signal;
  const tally = new Tally();
  const report = (event: Progress) => {
    if (event.event === 'unread') tally.unread++;
    given.report?.(event);
  };
  const { options, net, source, listing } = await openListing(target, { ...given, signal, report });
  const began = performance.now();
  const run = new Date().toISOString();
  const warn = (message: string) => options.report({ event: 'warning', message });
  let trouble: OxbowError | undefined;
  let cause: Error | undefined;
  const troubled = (error: OxbowError) => {
    trouble ??= error;
  };
  const endWith = (error: Error) => {
    cause ??= error;
    cut.abort(error);
  };
  try {
    const path = archivePath(options, listing.name);
    const vault = await Vault.open(path, { target, run, warn, lost: endWith });
    options.report({ event: 'run', run, target, path, source: source.name });
    const partFor = ({ item, location }: In<'admitted'>) =>
      vault.partFor(item.id, location.kind, location.url);
    return {
      ...net,
      judge: options.strict ? refuseSuspects(net.judge, vault) : net.judge,
      options: {
        ...options,
        partFor,
        run,
        tally,
        unwanted: unwanted(options),
        isFalse: (record: MediaRecord) => isKnownByNow(record, vault, net.placeholders),
        hearsay: new Hearsay(),
        suspicion: new Suspicion(vault, { ...options, tally }),
        archives: net.archives.map(({ name }) => name),
        unwrap: unwrapper(options),
        source: `${source.name}:${target}`,
        trouble: troubled,
        failed: endWith,
      },
      listing,
      vault,
      places: places(net, vault.answers, options),
      /** The balance; trouble that ended the listing early is thrown once it has been told. */
      summary(): Summary {
        for (const sentence of newsOfHeld(tally)) warn(sentence);
        const summary = summarise(tally, {
          began,
          path,
          requests: net.http.requests,
          stopped: options.stop.aborted,
          trouble,
        });
        options.report({ event: 'summary', ...summary });
        if (trouble) throw trouble;
        if (!summary.balanced)
          throw new OxbowError('The balance does not add up, which is a bug: please report it.');
        return summary;
      },
      /** An end that came from inside is known by its reason. */
      causeOf: (error: unknown) => cause ?? error,
      async close(end: { inOrder: boolean }) {
        await net.close();
        await vault.close(end);
      },
    };
  } catch (error) {
    await net.close();
    throw error;
  }
}

type Net = ReturnType<typeof openNet>;

function sourceContext({ http, gate }: { http: Http; gate: Gate }, options: CrawlOptions) {
  const { settings, signal, report, wayback: base, waybackFrom: from, waybackTo: to } = options;
  const isItsOwn = (url: URL) => staysWithin(new URL(base), url);
  const onLane = (lane: string) => fetcher(http, gate, { ...options, lane, mayFollow: isItsOwn });
  const [askIndex, askReplay] = [onLane(lanes.index), onLane(lanes.replay)];
  const webArchive = waybackPages({ ...options, base, from, to, askIndex, askReplay });
  return { settings, signal, report, fetch: fetcher(http, gate, options), webArchive };
}

/** Is what is kept known to be a placeholder, by a list that is longer now than it was then? */
async function isKnownByNow(record: MediaRecord, { root }: Vault, known: Placeholders): Promise<boolean> {
  const { path, sha256, bytes = 0, from = record.url, snapshot } = record;
  if (path === undefined || sha256 === undefined) return false;
  const kept = { part: inside(root, path), sha256, bytes, from, memento: snapshot?.time ?? null };
  return (await isPlaceholder(known, kept)) !== undefined;
}

function archivePath({ directory, destination }: CrawlOptions, name: string | null): string {
  if (directory !== null) return resolve(directory);
  if (name === null)
    throw new UsageError('This target has no name of its own; say where its archive is to be with -D DIR.');
  return resolve(join(destination, name));
}

/** Where a lost item is looked for, in this order. */
function places(
  { http, gate, archives, placeholders }: Net,
  answers: Answers,
  options: CrawlOptions,
): Place[] {
  const ask = openAsk(http, gate, options);
  const given = { ask, answers, placeholders: placeholders.digests, most: options.captures };
  return [secondLook, alternates, ...archives.map((archive) => captures(archive, given))];
}

const unwrapper = (options: CrawlOptions) => (parcel: In<'fetched'>) =>
  unwrap(parcel, {
    ...options,
    async isOfKind(head, kind) {
      const found = await sniff(head);
      return (
        found !== undefined &&
        'type' in fits(found, { kind, url: parcel.item.url, declared: undefined }, head)
      );
    },
  });

/** Why the options leave an item out. */
export function unwanted({ type, dateAfter, dateBefore, filesizeMin }: CrawlOptions) {
  const no = (detail: string): Reason => ({ code: 'refused-filter', detail });
  return ({ kind, date }: MediaItem, bytes?: number): Reason | undefined => {
    const isKnown = kind !== 'file' || bytes !== undefined; // else only the bytes can tell
    if (type && isKnown && !type.includes(kind)) return no(`kind ${kind}`);
    if (dateAfter !== null && (date === null || date < dateAfter)) return no(`before ${dateAfter}`);
    if (dateBefore !== null && (date === null || date >= dateBefore)) return no(`not before ${dateBefore}`);
    return bytes !== undefined && bytes < filesizeMin ? no(`${bytes} bytes`) : undefined;
  };
}

/** What a refresh came to beyond the balance. */
function* newsOfHeld({ unasked, gone }: Tally): Generator<string> {
  if (gone > 0)
    yield `Gone from their servers since they were kept: ${gone}. They stay; oxbow status --only-copies tells which may be the last.`;
  if (unasked > 0)
    yield `Held, and no clear answer whether they changed: ${unasked}. They stay as they were; the next --refresh asks again.`;
}

interface Ending {
  readonly began: number;
  readonly path: string;
  readonly requests: number;
  readonly stopped: boolean;
  readonly trouble: OxbowError | undefined;
}

function summarise(tally: Tally, { began, path, requests, stopped, trouble }: Ending): Summary {
  const sums = tally.sums();
  const ownCode = stopped ? 130 : sums.missing + sums.failed + sums.unread > 0 ? 1 : 0;
  return {
    ...sums,
    requests,
    seconds: Math.round((performance.now() - began) / 10) / 100,
    balanced: tally.balanced,
    exitCode: tally.balanced ? (trouble?.exitCode ?? ownCode) : 70,
    path,
  };
}
