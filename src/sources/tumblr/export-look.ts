import { kindOfEntry } from '../target.ts';
import { namesWithin } from '../within.ts';

/** Does it look like an export? By names alone; what was cut is opened, which says so. */
export const claimsExport = (target: string): boolean =>
  namesWithin(target, ['posts', 'posts/html', 'media', 'images']).some(
    (names) => names === undefined || isExport(names),
  );

/** Also where nothing of an export can be seen in it, and opening it will say why. */
export const isExportPath = (path: string): boolean =>
  claimsExport(path) || (isPath(path) && kindOfEntry(path) !== undefined);

/** Plainly a path, and not the host of a blog. */
export const isPath = (text: string): boolean => /^[./~]/.test(text) || /^[^:]*\.zip$/i.test(text);

const pagesBelowHtml = /(?:^|\/)posts\/html\/\d{1,20}\.html?/im;
const pages = /(?:^|\/)posts\/\d{1,20}\.html?/im;
const packedPosts = /(?:^|\/)posts[^/\n]{0,80}\.zip$/im;
const media = /(?:^|\/)(?:media|images)\/\d{1,20}(?:_\d{1,6})?\.[a-z0-9]/im;

/** Of names, one a line. */
const isExport = (text: string): boolean =>
  pagesBelowHtml.test(text) || (media.test(text) && (pages.test(text) || packedPosts.test(text)));
