import { firstText, kindOfEntry } from '../target.ts';

/** Does a file begin as the JSON does that Ghost exports? */
export const claimsExport = (path: string): boolean =>
  kindOfEntry(path) === 'file' && begins.some((begin) => begin.test(firstText(path)));

/** With the database wrapped in a list, or as it was in the beginning. */
export const isWrapped = (start: string): boolean => begins[0]!.test(start);

const begins = [
  /^\s{0,100}\{\s{0,100}"db"\s{0,100}:\s{0,100}\[\s{0,100}\{\s{0,100}"(?:meta|data)"\s{0,100}:\s{0,100}\{/,
  /^\s{0,100}\{\s{0,100}"meta"\s{0,100}:\s{0,100}\{[^{}]{0,300}"exported_on"/,
];
