import { UsageError } from '../../errors.ts';
import type { Source } from '../source.ts';
import { withoutPrefix } from '../target.ts';
import { claimsExport, isExportPath } from './export-look.ts';
import { settings } from './settings.ts';
import { claimsTumblr, readTarget } from './target.ts';

/** A blog on Tumblr, a tag of it, a post, its likes, a tag over all blogs; an export of a blog. */
export const tumblr: Source = {
  name: 'tumblr',
  takes: 'a blog on Tumblr: its address or tumblr: and its name; also a tag, a post, likes, an export',
  settings,
  claims: (target) => claimsTumblr(target) || claimsExport(withoutPrefix('tumblr', target)),
  nameOf: (target) => (isExportPath(withoutPrefix('tumblr', target)) ? null : nameOf(target)),
  async open(target, context) {
    const { openTumblr } = await import('./open.ts'); // loaded by whoever archives from Tumblr, and by nobody else
    return openTumblr(target, context);
  },
};

function nameOf(target: string): string | null {
  try {
    return readTarget(target).name;
  } catch (error) {
    if (error instanceof UsageError) return null; // opening it will say why
    throw error;
  }
}
