import type { Source } from '../source.ts';
import { withoutPrefix } from '../target.ts';
import { readPlace } from './place.ts';
import { settings } from './settings.ts';

/** A blog that is gone, from the captures of its pages in the web archive. */
export const wayback: Source = {
  name: 'wayback',
  takes: 'a blog that is gone, from the web archive: wayback: and its host or address',
  settings,
  claims: (target) => target.startsWith('wayback:'),
  nameOf: (target) => readPlace(withoutPrefix('wayback', target)).name,
  async open(target, context) {
    const { openDeadBlog } = await import('./dead-blog.ts'); // loaded by whoever needs it
    return openDeadBlog(target, context);
  },
};
