import type { Source } from '../source.ts';
import { nameOfFiles, withoutPrefix } from '../target.ts';
import { claimsExport } from './export-look.ts';
import { settings } from './settings.ts';
import { nameOfSite } from './target.ts';

/** A blog made with Ghost, by its Content API; the JSON that Ghost exports. */
export const ghost: Source = {
  name: 'ghost',
  takes: 'a blog made with Ghost: its address, or ghost: and its host; also the JSON of its export',
  settings,
  unsure:
    'what Ghost answers and exports is known from its documentation and from examples, not from every version',
  claims: (target) => claimsExport(withoutPrefix('ghost', target)),
  async recognises(sight, context) {
    const { recognised } = await import('./open.ts');
    return recognised(sight, context);
  },
  nameOf(target) {
    const place = withoutPrefix('ghost', target);
    return claimsExport(place) ? nameOfFiles(place) : nameOfSite(place);
  },
  async open(target, context, sight) {
    const { openGhost } = await import('./open.ts'); // loaded by whoever archives from Ghost, and by nobody else
    return openGhost(target, context, sight);
  },
};
