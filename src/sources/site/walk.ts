import type { ListingWay, SourceContext } from '../source.ts';
import type { Warnings } from '../warnings.ts';
import type { Before, Waiting } from './memory.ts';
import type { Place } from './place.ts';
import type { Robots } from './robots.ts';

/** What a listing needs to know of the site, and of the way that it is wanted. */
export interface Walk {
  readonly place: Place;
  readonly context: SourceContext;
  readonly robots: Robots;
  readonly warnings: Warnings;
  readonly before: Before;
  /** How many pages are read at a time. */
  readonly atOnce: number;
  /** Are pages taken that only stand in place of what was asked for? */
  readonly isAsIs: boolean;
  /** How far it goes. */
  readonly reach: { readonly depth: number; readonly pages: number };
  readonly leaveOut: NonNullable<ListingWay['leaveOut']>;
}

/** What became of a part of a listing. */
export interface Ending {
  /** How many pages of the site were met, those that are held included. */
  readonly met: number;
  /** Was nothing left out that a later run would not find by itself? */
  readonly isWhole: boolean;
  /** What a later run has to ask for, whatever leads to it. */
  readonly missed?: readonly Waiting[];
}

export const tooMany = (pages: number): string =>
  `The site has more pages than are read at once, ${pages.toLocaleString('en')}: a later run, or --max-pages, goes further.`;
