/** What sources are made of, for those of one's own: `import … from 'oxbow/kit'`. */
export { AuthError, QuotaError, SourceError, UsageError } from './errors.ts';
export type { Kind, MediaItem, Page, Post } from './model.ts';
export { kindOfAddress, normalise, resolveMedia } from './sources/address.ts';
export { boundedText } from './sources/answer.ts';
export { readDate } from './sources/date.ts';
export { defineSource, type OwnSource } from './sources/define.ts';
export { itemsOf } from './sources/finds.ts';
export { askFor, type Hearing, hear, type Question, type Said } from './sources/hear.ts';
export { at, isObject, textAt } from './sources/json-path.ts';
export { isKnown } from './sources/known.ts';
export { readMarkup } from './sources/markup.ts';
export { paged } from './sources/paged.ts';
export type { Listing, ListingWay, Source, SourceContext } from './sources/source.ts';
export { type Timeline, type TimelinePage, walk } from './sources/timeline.ts';
export { cappedWarnings, type Warnings } from './sources/warnings.ts';
