import { counted } from '../shown.ts';
import type { LeftOut } from './finds.ts';
import type { Warnings } from './warnings.ts';

/** What a post shows and the archive will not hold is no small matter; an address that makes no sense may be one. */
export function tellLeftOut(
  name: string,
  { surplus, embedded, unusable }: LeftOut,
  warnings: Warnings,
): void {
  if (surplus > 0) warnings.skip(`${name} names more media than one post may have: ${surplus} are left out.`);
  if (embedded > 0)
    warnings.skip(`${name} holds media within itself (data:), which are not taken out of it: ${embedded}.`);
  if (unusable > 0)
    warnings.warn(`${name} has addresses that make no sense or are endless: ${unusable}; left out.`);
}

/** The same as the rest of a sentence about a post; empty where nothing was left out. */
export function leftOutInWords({ surplus, unusable, embedded }: LeftOut): string {
  const parts = [
    [surplus, 'address', 'beyond what one post may have'],
    [unusable, 'address', 'that cannot be used'],
    [embedded, 'large picture', 'within its text itself'],
  ] as const;
  return parts
    .filter(([count]) => count > 0)
    .map(([count, what, why]) => `${counted(count, what).replace(/addresss$/, 'addresses')} ${why}, left out`)
    .join('; ');
}
