import { SourceError } from '../../errors.ts';
import type { Page } from '../../model.ts';
import { quoted } from '../../shown.ts';
import type { Hearing } from '../hear.ts';
import type { Listing, ListingWay, SourceContext } from '../source.ts';
import { nothingAt, withoutPrefix } from '../target.ts';
import { cappedWarnings, type Warnings } from '../warnings.ts';
import { accountPages, onePost } from './account.ts';
import { type Identity, identityOf, resolveHandle } from './identity.ts';
import { openLarger } from './larger.ts';
import { type BlueskySettings, readSettings } from './settings.ts';
import { claimsCar, isCarPath, isDid, nameWith, type Place, readTarget } from './target.ts';
import { Refused } from './xrpc.ts';

/** What a target names on Bluesky, or an export of it. */
export async function openBluesky(target: string, context: SourceContext): Promise<Listing> {
  const settings = readSettings(context.settings);
  const path = withoutPrefix('bluesky', target);
  if (claimsCar(path)) {
    const { openCar } = await import('./car.ts');
    return openCar(path, { settings, context });
  }
  if (isCarPath(path)) throw await noCar(path);
  return openPlace(readTarget(target), { settings, context });
}

async function noCar(path: string) {
  const { readableFiles } = await import('../target.ts');
  const [file] = await readableFiles(path);
  return file === undefined
    ? nothingAt(path)
    : new SourceError(`${quoted(file)} is no export of an account: it does not begin as a CAR does.`);
}

interface Way {
  readonly settings: BlueskySettings;
  readonly context: SourceContext;
}

/** By a handle it asks nobody: the first page does, when it is known whose archive this is. */
async function openPlace(place: Place, way: Way): Promise<Listing> {
  const { settings, context } = way;
  const name = isDid(place.actor)
    ? ((await identityOf(place.actor, settings, hearingOf(place, way))).handle ?? place.actor)
    : place.actor;
  const shown = nameWith(name, place.key);
  return {
    name: shown,
    trusted: settings.named,
    isUnchecked: true,
    listedAs: settings.list === 'repo' ? `${shown} repo` : shown,
    isNewestFirst: settings.list === 'feed' && place.key === undefined,
    larger: openLarger(settings, context),
    pages: (cursor, listing) => pages(place, way, cursor, listing),
  };
}

function hearingOf({ actor }: Place, { context }: Way, warnings?: Warnings): Hearing {
  const name = `The account ${actor}`;
  return { name, context, warnings: warnings ?? cappedWarnings(context.report, name) };
}

async function* pages(place: Place, way: Way, cursor: unknown, listing?: ListingWay): AsyncGenerator<Page> {
  const hearing = hearingOf(place, way);
  try {
    const identity = await whose(place, { ...way, hearing }, listing?.blogId);
    const account = { ...way, identity, hearing };
    if (place.key === undefined) yield* accountPages(account, cursor, listing);
    else yield await onePost(place.key, account);
  } finally {
    hearing.warnings.close();
  }
}

/** A handle changes, and may be taken by others: an archive goes on with the account that it was begun with. */
async function whose(
  { actor }: Place,
  { settings, hearing }: Way & { readonly hearing: Hearing },
  known: string | undefined,
): Promise<Identity> {
  if (isDid(actor)) return identityOf(actor, settings, hearing);
  const did = await resolveHandle(actor, settings, hearing).catch((error) => {
    if (error instanceof Refused && isDid(known)) return undefined;
    throw error;
  });
  if (did !== undefined && isDid(known) && did !== known)
    throw new SourceError(
      `The handle ${actor} belongs to another account by now (${did}) than the one of this archive (${known}). 'oxbow bluesky:${known} -D DIR' with the folder of this archive goes on with the old one; the new one needs a folder of its own.`,
    );
  const identity = await identityOf(did ?? known!, settings, hearing);
  if (did === undefined) hearing.warnings.warn(`${hearing.name} ${nameNow(identity, actor)}.`);
  return identity;
}

const nameNow = ({ did, handle }: Identity, actor: string): string =>
  `${handle === null || handle === actor ? 'is not found by that handle today' : `is called ${handle} by now`}; this archive goes on with it under its lasting id, ${did}`;
