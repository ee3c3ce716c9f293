import type { Listing, SourceContext } from '../source.ts';
import type { Timeline } from '../timeline.ts';
import type { Warnings } from '../warnings.ts';

/** What of Tumblr is read by other means than its API v2. */
export interface OtherWays {
  /** The older API of a blog, which needs no key. */
  v1Timeline(base: string, way: KeylessWay): Timeline;
  /** Is it an export of a blog, on disk? */
  claimsExport(target: string): boolean;
  openExport(target: string, context: SourceContext): Promise<Listing>;
}

export interface KeylessWay {
  readonly context: SourceContext;
  readonly warnings: Warnings;
  readonly tag?: string;
  readonly id?: string;
}

export const needsKey = (what: string): string =>
  `${what} can be listed with an API key alone: 'oxbow auth tumblr' says how to get one, and stores it; the setting is sources.tumblr.key.`;
