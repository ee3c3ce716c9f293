/** Text of unknown length and content, fit for a sentence. */
export function quoted(text: string, most = 1000): string {
  const cut = text.length > most ? `${text.slice(0, most)}…` : text;
  return `'${cut.replace(/[\p{Cc}\u2028\u2029]/gu, ' ')}'`;
}

/** An address without what may be secret in it: user, password, query. */
export function shownAddress(address: string): string {
  if (!URL.canParse(address)) return quoted(address);
  const { origin, pathname, search } = new URL(address);
  return `${origin}${pathname.slice(0, 200)}${search && '?…'}`;
}

/** `1 post`, `3 posts`. */
export const counted = (n: number, what: string): string =>
  `${n.toLocaleString('en')} ${what}${n === 1 ? '' : 's'}`;
