import { namesWithin } from '../within.ts';

/** `2019-05-06_A-title-0123456789ab.html`, `draft_A-title-0123456789ab.html` */
const post = /(?:^|\/)posts\/(?:\d{4}-\d\d-\d\d|draft)_[^/\n]{0,300}?[0-9a-f]{8,16}\.html$/im;

/** Does it look like an export of Medium? By names alone. */
export const claimsExport = (target: string): boolean =>
  namesWithin(target, ['posts']).some((names) => names !== undefined && post.test(names));
