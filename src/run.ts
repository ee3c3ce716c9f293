import { join, resolve } from 'node:path';
import { openAsk } from './archive/ask.ts';
import { captures } from './archive/captures.ts';
import { OxbowError, ofSource, QuotaError, UsageError } from './errors.ts';
import type { In, MediaItem, MediaRecord, Reason, Summary } from './model.ts';
import type { CrawlOptions, GivenOptions } from './options.ts';
import { adopting } from './pipeline/adopt.ts';
import { alternates } from './pipeline/alternates.ts';
import { begun } from './pipeline/begun.ts';
import { Hearsay } from './pipeline/hearsay.ts';
import { isWaitedFor } from './pipeline/quota.ts';
import type { Place } from './pipeline/recover.ts';
import { secondLook } from './pipeline/second-look.ts';
import { refuseSuspects, Suspicion } from './pipeline/suspicion.ts';
import { Tally } from './pipeline/tally.ts';
import { unwrap } from './pipeline/unwrap.ts';
import type { Progress } from './progress.ts';
import type { Listing } from './sources/source.ts';
import { sumOfText } from './sums.ts';
import type { Answers } from './vault/answers.ts';
import { isArchive } from './vault/bag.ts';
import { inside } from './vault/layout.ts';
import { Vault } from './vault/vault.ts';
import { sniff } from './verify/content-type.ts';
import { fits } from './verify/expected.ts';
import { isPlaceholder, type Placeholders } from './verify/placeholders.ts';
import { faithful, openListing, type openNet } from './world.ts';

/** Opens what a run needs, in the order in which it can fail without leaving anything behind, and closes it. */
export async function openRun(target: string, given: GivenOptions) {
  const cut = new AbortController(); // ends the run from inside: a stage failed, or the archive was taken away
  const signal = given.signal ? AbortSignal.any([given.signal, cut.signal]) : cut.signal;
  const tally = new Tally();
  const report = (event: Progress) => {
    if (event.event === 'unread') tally.unread++;
    given.report?.(event);
  };
  const opened = await openListing(target, { ...given, signal, report }, isArchived);
  const { options, net, source } = opened;
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
    const path = archivePath(options, opened.listing.name);
    const first = await checked(opened, path);
    const vault = await Vault.open(path, { target, run, warn, lost: endWith });
    const listing = await faithful(
      { ...opened, listing: first },
      (name) => vault.posts.isListedBy(name),
      warn,
    );
    options.report({ event: 'run', run, target, path, source: source.name });
    const partFor = ({ item, location }: In<'admitted'>) =>
      vault.partFor(item.id, location.kind, location.url);
    return {
      ...net,
      way: { ...net.way, transfer: adopting(net.way.transfer, listing.files, options) },
      judge: options.strict ? refuseSuspects(net.judge, vault) : net.judge,
      options: {
        ...options,
        partFor,
        run,
        tally,
        unwanted: unwanted(options),
        isUnwantedPost: (item: MediaItem) => unwantedOf(item, options) !== undefined,
        isFalse: (record: MediaRecord) => isKnownByNow(record, vault, net.placeholders),
        hearsay: new Hearsay(),
        suspicion: new Suspicion(vault, { ...options, tally }),
        archives: net.archives.map(({ name }) => name),
        unwrap: unwrapper(options),
        source: `${source.name}:${listing.listedAs ?? target}`,
        account: sumOfText('sha256', JSON.stringify(options.settings)).slice(0, 16), // its key is among them
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
        await closed(opened, warn);
        await vault.close(end);
      },
    };
  } catch (error) {
    await net.close();
    await closed(opened, warn);
    throw error;
  }
}

const isArchived = (name: string | null, options: CrawlOptions): boolean =>
  (options.directory !== null || name !== null) && isArchive(archivePath(options, name));

type Opening = Awaited<ReturnType<typeof openListing>>;

/** A blog that cannot be read leaves no empty archive behind: its first page comes before anything is written. */
async function checked({ listing, source, options }: Opening, path: string): Promise<Listing> {
  if (!listing.isUnchecked || isArchive(path)) return listing;
  const { order, dateAfter: after, dateBefore: before, stop } = options;
  const isHeld = async () => false; // there is no archive yet
  return begun(listing, { order, covered: [], after, before, isHeld }, stop).catch((error) => {
    if (error instanceof QuotaError && isWaitedFor(error, options)) return listing;
    options.signal.throwIfAborted();
    throw ofSource(source.name, error);
  });
}

/** A source that cannot even end in good order does no harm to what is archived. */
async function closed({ listing, source }: Opening, warn: (message: string) => void): Promise<void> {
  try {
    await listing.close?.();
  } catch (error) {
    warn(ofSource(source.name, error).message);
  }
}

type Net = ReturnType<typeof openNet>;

/** Is what is kept known to be a placeholder, by a list that is longer now than it was then? */
async function isKnownByNow(record: MediaRecord, { root }: Vault, known: Placeholders): Promise<boolean> {
  const { path, sha256, bytes = 0, from = record.url, snapshot } = record;
  if (path === undefined || sha256 === undefined) return false;
  const kept = { part: inside(root, path), sha256, bytes, from, memento: snapshot?.time ?? null };
  return (await isPlaceholder(known, kept)) !== undefined;
}

/** Where the archive of a target lies. */
export function archivePath({ directory, destination }: CrawlOptions, name: string | null): string {
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

const no = (detail: string): Reason => ({ code: 'refused-filter', detail });

/** Why the options leave an item out. */
export function unwanted(options: CrawlOptions) {
  const { type, dateAfter, dateBefore, filesizeMin } = options;
  return (item: MediaItem, bytes?: number): Reason | undefined => {
    const { kind, date } = item;
    const isKnown = kind !== 'file' || bytes !== undefined; // else only the bytes can tell
    if (type && isKnown && !type.includes(kind)) return no(`kind ${kind}`);
    if (dateAfter !== null && (date === null || date < dateAfter)) return no(`before ${dateAfter}`);
    if (dateBefore !== null && (date === null || date >= dateBefore)) return no(`not before ${dateBefore}`);
    return bytes !== undefined && bytes < filesizeMin ? no(`${bytes} bytes`) : unwantedOf(item, options);
  };
}

/** Why they leave out what the post of an item shows. */
function unwantedOf({ of = {} }: MediaItem, { tags, reblog, onlyReblog }: CrawlOptions): Reason | undefined {
  if (of.isWanted) return undefined;
  if (!reblog && of.isReblog) return no('a reblog');
  if (onlyReblog && !of.isReblog) return no('no reblog');
  if (tags.length === 0) return undefined;
  const has = new Set((of.tags ?? []).map(plainTag));
  return tags.some((tag) => has.has(plainTag(tag))) ? undefined : no(`without the tag ${tags.join(', ')}`);
}

/** People write tags with a hash and in any case. */
const plainTag = (tag: string) => tag.trim().replace(/^#/, '').toLowerCase();

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
