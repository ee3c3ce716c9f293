import { SourceError } from '../../errors.ts';
import type { Page } from '../../model.ts';
import { counted } from '../../shown.ts';
import { isAddress, nameOfAddress } from '../address.ts';
import { lookAt } from '../sight.ts';
import type { Listing, ListingWay, Recognised, Sight, SourceContext } from '../source.ts';
import { withoutPrefix } from '../target.ts';
import { walk } from '../timeline.ts';
import { cappedWarnings } from '../warnings.ts';
import { askContent, type ContentWay, resources } from './ask.ts';
import { ContentList } from './content.ts';
import { openExport } from './export.ts';
import { claimsExport } from './export-look.ts';
import { merged } from './merged.ts';
import { openOriginals } from './originals.ts';
import { type GhostSettings, readSettings } from './settings.ts';
import { type GhostSite, shownSite, siteIn } from './site.ts';
import { addressOf } from './target.ts';
import { beganAt, sinceOf, updates } from './updates.ts';

/** Is it a page of Ghost, and does its API answer by the key that the page names? */
export async function recognised(sight: Sight, context: SourceContext): Promise<Recognised | undefined> {
  const site = siteIn(sight, readSettings(context.settings), { isNamed: false });
  if (!site) return undefined;
  const warnings = cappedWarnings(context.report, 'Ghost');
  await askContent({ resource: 'posts', limit: 1, fields: 'id' }, { site, context, warnings });
  return { why: 'its page names the key of its Content API, which answers', target: `ghost:${site.site}` };
}

export async function openGhost(target: string, context: SourceContext, sight?: Sight): Promise<Listing> {
  const own = readSettings(context.settings);
  const place = withoutPrefix('ghost', target);
  if (claimsExport(place)) return openExport(place, { own, context });
  const address = addressOf(place);
  const told = sight ? undefined : siteBySettings(address, own);
  const site = told ?? siteIn(sight ?? (await lookAt(address, context)), own, { isNamed: !sight });
  if (!site) throw noKey(address);
  const named = sight?.target ?? address; // what a page says of itself was not named by the user
  return {
    name: nameOfAddress(site.site),
    trusted: [named, own.api].filter((one) => one !== undefined && isAddress(one)) as string[],
    isUnchecked: true,
    listedAs: site.site,
    ...(own.originals && { larger: openOriginals(context) }),
    pages: (_cursor, way) => listed(site, { own, context }, way),
    lacking: () => lacking(site, { own, context }),
  };
}

/** With a key and the address of the API nothing need be found. */
const siteBySettings = (address: string, { api, key }: GhostSettings): GhostSite | undefined =>
  api !== undefined && key !== undefined
    ? { site: new URL('.', address).href, api, key, isOwnKey: true }
    : undefined;

const noKey = (address: string): SourceError =>
  new SourceError(
    `${nameOfAddress(address)} cannot be listed by the API of Ghost: its page names no key for it. Whoever runs the site can make one (Settings, Integrations, Content API key); give it by the setting sources.ghost.key. Without the prefix ghost: the address may be listed in another way.`,
  );

interface Way {
  readonly own: GhostSettings;
  readonly context: SourceContext;
}

/** Posts and pages by the time of their publication; then what was changed since the last time, wherever it stands. */
async function* listed(site: GhostSite, { own, context }: Way, listing?: ListingWay): AsyncGenerator<Page> {
  const warnings = cappedWarnings(context.report, shownSite(site));
  let reduced = 0;
  const onPreview = () => void reduced++;
  const way: ContentWay = { site, context, warnings, originals: own.originals, onPreview };
  const [began, since] = [beganAt(), sinceOf(listing?.memory)];
  const shown = new Set<string>();
  try {
    const all = merged(resources.map((resource) => new ContentList(resource, 'published_at', way)));
    for await (const page of walk(all, listing)) {
      for (const { id } of page.posts) if (shown.size < mostShown) shown.add(id);
      yield { ...page, memory: { since: since ?? began } };
    }
    const isBounded = listing?.after != null || listing?.before != null;
    if (since === undefined || isBounded) return;
    yield* updates({ since, began, shown, leaveOut: listing?.leaveOut }, way);
  } finally {
    if (reduced > 0)
      warnings.warn(
        `${counted(reduced, 'post')} of ${shownSite(site)} ${reduced === 1 ? 'is' : 'are'} for members alone: what everybody may read of ${reduced === 1 ? 'it' : 'them'} was listed, and no more.`,
      );
    warnings.close();
  }
}

const mostShown = 10_000;

/**
 * What an import has put in with old dates, those of its last change among them: nothing but the count tells of it. A
 * hundred posts are one question, so all are listed again.
 */
async function* lacking(site: GhostSite, { own, context }: Way): AsyncGenerator<Page> {
  const warnings = cappedWarnings(context.report, shownSite(site));
  const way: ContentWay = { site, context, warnings, originals: own.originals };
  try {
    const all = merged(resources.map((resource) => new ContentList(resource, 'published_at', way)));
    for await (const { posts } of walk(all)) yield { posts };
  } finally {
    warnings.close();
  }
}
