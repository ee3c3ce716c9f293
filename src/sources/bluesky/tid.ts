const letters = '234567abcdefghijklmnopqrstuvwxyz';
const clockBits = 10n;

/**
 * The moment in the key of a record, in microseconds since 1970: 13 letters of five bits each hold it, and behind it ten
 * bits of a clock's number. Undefined of a key that somebody made up.
 */
export function momentOfTid(key: string): number | undefined {
  if (!/^[2-7a-j][2-7a-z]{12}$/.test(key)) return undefined;
  let bits = 0n;
  for (const letter of key) bits = (bits << 5n) | BigInt(letters.indexOf(letter));
  const moment = Number(bits >> clockBits);
  return Number.isSafeInteger(moment) ? moment : undefined;
}

/** The first or the last key that a moment can have: keys stand in the order of their letters. */
export function tidAt(moment: number, which: 'first' | 'last'): string {
  let bits = (BigInt(moment) << clockBits) | (which === 'last' ? (1n << clockBits) - 1n : 0n);
  let key = '';
  for (let n = 0; n < 13; n++) {
    key = letters[Number(bits & 31n)]! + key;
    bits >>= 5n;
  }
  return key;
}

/** When a key was made, ISO 8601; null where it does not say, or where no calendar goes so far. */
export function dateOfTid(key: string): string | null {
  const moment = momentOfTid(key);
  return moment === undefined || moment === 0 ? null : new Date(Math.floor(moment / 1000)).toISOString();
}
