/** A checksum as an export or a list promises it: in hex, of either case. */
export const readSha256 = (text: string): string | undefined =>
  /^[0-9a-f]{64}$/i.test(text) ? text.toLowerCase() : undefined;
