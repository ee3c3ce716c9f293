import { Readable } from 'node:stream';

const dist = new URL('../../dist/', import.meta.url);
const load = (path) => import(new URL(path, dist).href);
const [{ lookAt }, { OxbowError }, { sound }, { withoutRounds }] = await Promise.all(
  ['sources/sight.js', 'errors.js', 'pipeline/sound.js', 'pipeline/rounds.js'].map(load),
);

/** Errors that say what is wrong with an input; all others are faults of ours. */
export const isOurs = (error) =>
  error instanceof OxbowError || /Unreadable|Standstill|NoPosts|DamagedFile/.test(error?.constructor?.name);

/** So many pages are read at most: what never ends is the engine's affair. Opens a source over an input in which these pieces stand, and reads what it lists. Throws where a page breaks the contract. */
export async function listed({ source, target, settings, fetch, begin, end }, pieces, mostPages = 30) {
  const broken = [];
  const context = {
    ...{ settings, fetch, reach: { depth: 2, pages: 20 }, signal: new AbortController().signal },
    report: () => undefined,
    webArchive: {
      scope: 'none',
      captures: () => Readable.from([]),
      replay: async () => ({ trouble: 'there is none' }),
    },
  };
  begin(pieces);
  let listing;
  let posts = 0;
  try {
    const isClaimed = source.claims(target);
    const sight = !isClaimed && /^https?:/.test(target) ? await lookAt(target, context) : undefined;
    const recognised = sight && (await source.recognises?.(sight, context));
    listing = await source.open(recognised?.target ?? target, context, sight);
    const report = (event) =>
      event.event === 'warning' && / gives /.test(event.message) && broken.push(event.message);
    const found = sound(listing.pages(undefined), { source: source.name, report });
    let count = 0;
    for await (const page of withoutRounds(found, () => undefined)) {
      posts += page.posts.length;
      if (++count >= mostPages) break;
    }
  } finally {
    await listing?.close?.();
    end();
  }
  if (broken.length > 0) throw new TypeError(broken.slice(0, 3).join(' '));
  return posts;
}
