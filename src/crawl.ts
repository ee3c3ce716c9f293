import type { In, Parcel, Summary } from './model.ts';
import type { GivenOptions } from './options.ts';
import { download } from './pipeline/download.ts';
import { enlarge } from './pipeline/enlarge.ts';
import { deferred, wantedMedia } from './pipeline/listing.ts';
import { manifest } from './pipeline/manifest.ts';
import { rateLimit } from './pipeline/rate-limit.ts';
import { recall } from './pipeline/recall.ts';
import { recover } from './pipeline/recover.ts';
import { putOff } from './pipeline/refresh.ts';
import { flow, on, through } from './pipeline/stage.ts';
import { verify } from './pipeline/verify.ts';
import { openRun } from './run.ts';

/** A blog becomes an archive. */
export async function crawl(target: string, given: GivenOptions): Promise<Summary> {
  const run = await openRun(target, given);
  const { options, gate, way, judge, listing, places, vault } = run;

  const widen = enlarge(listing, options);
  const admit = rateLimit(gate, options);
  const fetch = download(way, options);
  const check = verify({ ...options, judge });
  const again = through({ wanted: admit, admitted: fetch, fetched: check });

  /** From wanted to the manifest; whatever happens to a parcel, it happens further down. */
  const pour = (wanted: AsyncIterable<Parcel>, whenFull?: (lost: In<'lost'>) => Parcel) =>
    flow(
      wanted,
      [
        on('wanted', recall(vault, options)),
        on('wanted', widen, { concurrency: options.waiting }),
        on('wanted', admit, { concurrency: options.waiting }),
        on('admitted', fetch, { concurrency: options.inHand }),
        on('fetched', check),
        on('lost', recover(places, again, options), {
          concurrency: options.recoveries,
          room: options.room,
          whenFull,
        }),
        manifest(vault, { ...options, doubted: way.throttling.doubted }),
      ],
      options,
    );

  let inOrder = false;
  try {
    await pour(wantedMedia(listing, vault, options), putOff(options));
    await pour(deferred(vault, options));
    inOrder = true;
  } catch (error) {
    throw run.causeOf(error);
  } finally {
    await run.close({ inOrder });
  }
  return run.summary();
}
