import type { Source } from '../source.ts';
import { withoutPrefix } from '../target.ts';
import { claimsWordPress, nameOfPlace } from './place.ts';
import { settings } from './settings.ts';
import { claimsWxr } from './wxr.ts';

/** A blog made with WordPress, at WordPress.com or anywhere else, or an export of one. */
export const wordpress: Source = {
  name: 'wordpress',
  takes: 'a blog made with WordPress: its address, or wordpress: and its host; also an export (WXR)',
  settings,
  claims: (target) => claimsWordPress(target) || claimsWxr(withoutPrefix('wordpress', target)),
  async recognises(sight, context) {
    const { recogniseWordPress } = await import('./open.ts'); // loaded by whoever meets an unknown address
    return recogniseWordPress(sight, context);
  },
  nameOf: (target) => (claimsWxr(withoutPrefix('wordpress', target)) ? null : nameOfPlace(target)),
  async open(target, context, sight) {
    const path = withoutPrefix('wordpress', target);
    if (claimsWxr(path)) {
      const { openWxr } = await import('./wxr.ts');
      return openWxr(path, context);
    }
    const { openWordPress } = await import('./open.ts');
    return openWordPress(target, context, sight);
  },
};
