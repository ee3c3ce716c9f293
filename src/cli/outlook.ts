import { shortPath } from './closing.ts';
import type { Outlook } from './forecast.ts';
import { duration, many, size } from './words.ts';

/** What a run would come to, for a person. */
export function linesOf(outlook: Outlook): string[] {
  const { posts, items, kinds, held, requests, seconds, path, free } = outlook;
  const told = Object.entries(kinds).map(([kind, n]) => `${n} ${kind}`);
  const wanted = items - held;
  return [
    `${many(posts, 'post')} with ${many(items, 'media item')}: ${told.join(', ') || 'none'}`,
    ...(held > 0 ? [`  ${many(held, 'of them is', 'of them are')} held in ${shortPath(path)} already`] : []),
    ...(wanted > 0 ? [`size:    ${sizeTold(outlook, wanted)}`] : []),
    `listing: ${many(requests, 'request')}`,
    ...(wanted > 0
      ? [
          `time:    ${duration(seconds)} at the least for ${many(wanted, 'media request')}, by the rates in force`,
        ]
      : []),
    ...allTold(outlook),
    ...(free === null ? [] : [`disk:    ${size(free)} free at ${shortPath(path)}`]),
  ];
}

/** Where only a part of the blog was listed: as much again for each further part of it. */
function allTold({ posts, stated, items, bytes, requests }: Outlook): string[] {
  if (stated === null || posts === 0 || posts >= stated) return [];
  const times = (n: number) => Math.round((n * stated) / posts);
  const sizes = bytes === null ? '' : `, ${size(times(bytes.sum))}`;
  return [
    `all:     perhaps ${many(times(items), 'media item')}${sizes}, ${many(times(requests), 'request')} to list the ${many(stated, 'post')} that the blog counts`,
  ];
}

function sizeTold({ bytes, asked, sized, unwanted, gone, unsized, silent }: Outlook, wanted: number): string {
  if (asked === 0) return 'unknown: nobody was asked';
  const known = sized + unwanted + gone;
  const of = `from ${known} of ${wanted.toLocaleString('en')}`;
  const lacking = [
    unwanted > 0 ? `${unwanted} ${unwanted === 1 ? 'has' : 'have'} a size that is not wanted` : '',
    gone > 0 ? `${gone} ${gone === 1 ? 'is' : 'are'} gone` : '',
    unsized > 0 ? `${unsized} ${unsized === 1 ? 'does' : 'do'} not say` : '',
    silent > 0 ? `${silent} ${silent === 1 ? 'does' : 'do'} not answer` : '',
  ].filter(Boolean);
  const answers = lacking.length === 0 ? '' : `; of ${asked} asked, ${lacking.join(', ')}`;
  if (bytes === null) return `unknown${answers}`;
  const { sum, least, most } = bytes;
  if (known >= wanted) return `${size(sum)} (all asked)${answers}`;
  if (most === null) return `perhaps ${size(sum)} (${of}: hardly more than a guess)${answers}`;
  if (least === most) return `about ${size(sum)} (${of})${answers}`;
  return `about ${size(sum)} (${size(least)} to ${size(most)}, ${of})${answers}`;
}
