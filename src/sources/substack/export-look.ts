import { namesWithin } from '../within.ts';

/** Does it look like the export of a publication? By names alone. */
export const claimsExport = (target: string): boolean =>
  namesWithin(target, ['posts']).some(
    (names) => names !== undefined && table.test(names) && texts.test(names),
  );

const table = /(?:^|\/)posts\.csv$/m;
const texts = /(?:^|\/)posts\/\d{1,20}\.[^/\n]{0,300}\.html?$/m;
