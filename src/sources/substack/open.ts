import type { Page } from '../../model.ts';
import { counted } from '../../shown.ts';
import { nameOfAddress } from '../address.ts';
import type { Listing, ListingWay, Recognised, Sight, SourceContext } from '../source.ts';
import { withoutPrefix } from '../target.ts';
import { walk } from '../timeline.ts';
import { cappedWarnings } from '../warnings.ts';
import { Api } from './api.ts';
import { Archive } from './archive.ts';
import { openExport } from './export.ts';
import { claimsExport } from './export-look.ts';
import { readSettings, type SubstackSettings } from './settings.ts';
import { readBase } from './target.ts';

/** Does a page look like one of Substack's, and does its host answer as they do? */
export async function recognised(sight: Sight, context: SourceContext): Promise<Recognised | undefined> {
  if (!looksLikeOne(sight)) return undefined;
  const { origin } = new URL(sight.url);
  const warnings = cappedWarnings(context.report, 'Substack');
  const some = await new Api(origin, { context, warnings }).list(0, 1);
  return some
    ? { why: 'its page is of Substack, and its host has a list of posts', target: `substack:${origin}` }
    : undefined;
}

const looksLikeOne = ({ start, generator, headers }: Sight): boolean =>
  /substack/i.test(generator ?? '') ||
  /substack/i.test(String(headers['x-served-by'] ?? '').slice(0, 100)) ||
  start.includes('substackcdn.com');

export async function openSubstack(target: string, context: SourceContext): Promise<Listing> {
  const own = readSettings(context.settings);
  const place = withoutPrefix('substack', target);
  if (claimsExport(place)) return openExport(place, { own, context });
  const base = readBase(place);
  return {
    name: nameOfAddress(base),
    trusted: [base],
    isUnchecked: true,
    listedAs: base,
    pages: (_cursor, way) => listed(base, { own, context }, way),
  };
}

interface Way {
  readonly own: SubstackSettings;
  readonly context: SourceContext;
}

async function* listed(base: string, { own, context }: Way, way?: ListingWay): AsyncGenerator<Page> {
  const name = nameOfAddress(base);
  const warnings = cappedWarnings(context.report, name);
  const api = new Api(base, { context, warnings });
  const archive = new Archive(api, { name, limit: own.limit, warnings, way });
  try {
    for await (const { covers, ...page } of walk(archive, way)) {
      const isWhole = !archive.hasGaps; // else the next run asks for these once more
      yield { ...page, ...(covers && isWhole && { covers }), memory: archive.memory };
    }
  } finally {
    tellOfClosed(archive.closed, name, warnings.warn);
    warnings.close();
  }
}

/** Never as if they were whole: nothing in the text itself says where it was cut. */
function tellOfClosed(count: number, name: string, warn: (message: string) => void): void {
  if (count > 0)
    warn(
      `${counted(count, 'post')} of ${name} ${count === 1 ? 'is' : 'are'} not for everybody: what was shown of ${count === 1 ? 'it' : 'them'} was listed, which without the cookies of a subscriber (-C) is the beginning at most.`,
    );
}
