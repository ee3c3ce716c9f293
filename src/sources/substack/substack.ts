import type { Source } from '../source.ts';
import { nameOfFiles, withoutPrefix } from '../target.ts';
import { claimsExport } from './export-look.ts';
import { settings } from './settings.ts';
import { isSubstack, nameOfPlace } from './target.ts';

/** A publication on Substack, under its own domain or Substack's; the zip that its author can export. */
export const substack: Source = {
  name: 'substack',
  takes:
    'a publication on Substack: its address, or substack: and its name or host; also the zip of its export',
  settings,
  unsure:
    'Substack documents none of what is asked of it: it is known from what its own pages ask, and may change',
  claims: (target) => isSubstack(target) || claimsExport(withoutPrefix('substack', target)),
  async recognises(sight, context) {
    const { recognised } = await import('./open.ts');
    return recognised(sight, context);
  },
  nameOf(target) {
    const place = withoutPrefix('substack', target);
    return claimsExport(place) ? nameOfFiles(place) : nameOfPlace(place);
  },
  async open(target, context) {
    const { openSubstack } = await import('./open.ts'); // loaded by whoever archives from Substack, and by nobody else
    return openSubstack(target, context);
  },
};
