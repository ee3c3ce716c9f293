import type { Source } from '../source.ts';
import { isPattern, kindOfEntry, nameIfAny, withoutPrefix } from '../target.ts';
import { claimsBackup, isPath } from './backup-look.ts';
import { settings } from './settings.ts';
import { claimsBlogger, readTarget } from './target.ts';

/** A blog on Blogger, or a label of it; a backup of one. */
export const blogger: Source = {
  name: 'blogger',
  takes:
    'a blog on Blogger: its address or blogger: and its name, host or number; also a label, a backup, a Takeout',
  settings,
  unsure:
    'what Google makes of the sizes of pictures, of videos and of Takeout is known from what others wrote; it was not tried on the living service',
  claims: (target) => claimsBlogger(target) || claimsBackup(withoutPrefix('blogger', target)),
  async recognises(sight, context) {
    const { recogniseBlogger } = await import('./recognise.ts');
    return recogniseBlogger(sight, context);
  },
  nameOf(target) {
    const path = withoutPrefix('blogger', target);
    return kindOfEntry(path) !== undefined || isPattern(path) || isPath(path)
      ? null
      : nameIfAny(() => readTarget(target).name);
  },
  async open(target, context) {
    const { openBlogger } = await import('./open.ts'); // loaded by whoever archives from Blogger, and by nobody else
    return openBlogger(target, context);
  },
};
