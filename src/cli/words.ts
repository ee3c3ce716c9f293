/** How numbers are told to a person. */

const units = ['B', 'kB', 'MB', 'GB', 'TB'];

export function size(bytes: number): string {
  let [n, unit] = [bytes, 0];
  while (n >= 999.5 && unit < units.length - 1) [n, unit] = [n / 1000, unit + 1];
  return `${unit === 0 || n >= 100 ? Math.round(n) : n.toFixed(1)} ${units[unit]}`;
}

export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}

export const many = (n: number, one: string, more = `${one}s`): string =>
  `${n.toLocaleString('en')} ${n === 1 ? one : more}`;

/** Control characters are shown, not sent: a name from the network must not steer the terminal. */
export const printable = (text: string): string =>
  text.replace(/[\p{Cc}\p{Bidi_Control}]/gu, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Broken at spaces where there are some, for a terminal that wraps nothing while bars are drawn; what goes on is indented. */
export function wrapped(text: string, width: number): string[] {
  if (text.length <= width) return [text];
  const space = text.lastIndexOf(' ', width);
  const end = space > width / 2 ? space : width;
  return [text.slice(0, end), ...wrapped(`    ${text.slice(end).trimStart()}`, width)];
}

/** The middle gives way: the end of an address tells more than its host. */
export function shorten(text: string, width: number): string {
  const clean = printable(text);
  if (clean.length <= width) return clean;
  const tail = Math.ceil((width - 1) * 0.7);
  return `${clean.slice(0, width - 1 - tail)}…${clean.slice(clean.length - tail)}`;
}

export const nameIn = (url: string): string => {
  const path = URL.canParse(url) ? new URL(url).pathname.split('/').filter(Boolean).at(-1) : undefined;
  return path ?? url;
};
