import type { Source } from '../source.ts';
import { withoutPrefix } from '../target.ts';
import { claimsExport } from './look.ts';

/** The posts of an export that Medium gives to their author. */
export const medium: Source = {
  name: 'medium',
  takes: 'an export of Medium: its zip, or the folder that it was unpacked into',
  settings: {},
  unsure:
    'which addresses give the original of a picture, and how an answer to another post looks, is known from what others wrote',
  claims: (target) => claimsExport(withoutPrefix('medium', target)),
  nameOf: () => null,
  async open(target, context) {
    const { openExport } = await import('./export.ts'); // loaded by whoever has such an export, and by nobody else
    return openExport(target, context);
  },
};
