import { join } from 'node:path';
import { everyFile, firstText, kindOfEntry } from '../target.ts';
import { namesWithin } from '../within.ts';

/** Does it look like a backup? By how a file begins, and by the names in a folder or a zip. */
export function claimsBackup(target: string): boolean {
  if (kindOfEntry(target) === 'folder')
    return isFeed(firstText(join(target, 'feed.atom'))) || namesWithin(target, below).some(isTakeout);
  if (/\.zip$/i.test(target)) return namesWithin(target).some(isTakeout);
  return everyFile(target, (file) => isFeed(firstText(file)));
}

/** Plainly a path, and not the host of a blog. */
export const isPath = (text: string): boolean =>
  /^[./~]/.test(text) || (/\.(?:xml|atom|zip)$/i.test(text) && !text.includes('://'));

const below = ['Takeout/Blogger/Blogs', 'Blogger/Blogs', 'Blogs'];
const packed = /(?:^|\/)Blogger\/(?:[^/\n]{1,200}\/){1,3}feed\.atom$/m;
const unpacked = /(?:^|\/)Blogger\/Blogs\/./m;
/** The folder of Blogger itself. */
const inside = [/^Blogs\/./m, /^(?:Albums|Comments|Profile)$/m];

const isTakeout = (names: string | undefined): boolean =>
  names !== undefined &&
  (packed.test(names) || unpacked.test(names) || inside.every((part) => part.test(names)));

/** The public feed of a blog has no kinds: it is a feed like any other. */
const isFeed = (start: string): boolean =>
  /<feed[\s>]/.test(start.slice(0, 4096)) &&
  /tag:blogger\.com,1999:blog-\d{1,25}\.archive|schemas\.google\.com\/blogger\/(?:2008\/kind#|2018)/.test(
    start,
  );
