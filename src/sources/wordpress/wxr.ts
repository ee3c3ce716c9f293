import { SourceError } from '../../errors.ts';
import type { Listing, SourceContext } from '../source.ts';

/** Is it an export of WordPress? */
export const claimsWxr = (_target: string): boolean => false;

export async function openWxr(target: string, _context: SourceContext): Promise<Listing> {
  throw new SourceError(`${target} cannot be read: exports of WordPress are not read yet.`);
}
