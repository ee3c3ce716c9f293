export { type ArchiveRun, archive } from './archiving.ts';
export { OxbowError, QuotaError, SourceError, StorageError, TransferError, UsageError } from './errors.ts';
export type {
  Kind,
  MediaItem,
  MediaRecord,
  Outcome,
  Page,
  Post,
  Reason,
  ReasonCode,
  Status,
  Summary,
  Tried,
} from './model.ts';
export type { GivenOptions, Options } from './options.ts';
export type { Progress } from './progress.ts';
export { type Downloaded, download } from './single.ts';
export { defineSource, type OwnSource } from './sources/define.ts';
export type { Listing, ListingWay, Source, SourceContext } from './sources/source.ts';
export { type Audit, verifyArchive } from './vault/fixity.ts';
