/** One link of a document in link format (RFC 6690), its parameters by their names in small letters. */
export interface Link {
  readonly uri: string;
  readonly rel: readonly string[];
  readonly params: ReadonlyMap<string, string>;
}

/** A TimeMap has one a capture, and popular pictures have thousands. */
const MOST_LINKS = 10_000;

/**
 * The links of a document. Addresses may hold commas and semicolons, and quoted values too, so it is read letter by
 * letter; undefined for what is no such document.
 */
export function parseLinks(text: string): Link[] | undefined {
  const links: Link[] = [];
  let at = skip(text, 0);
  while (at < text.length) {
    const end = text[at] === '<' ? text.indexOf('>', at) : -1;
    if (end < 0 || links.length === MOST_LINKS) return undefined;
    const uri = text.slice(at + 1, end).trim();
    const read = readParams(text, end + 1);
    if (!read) return undefined;
    const { params, next } = read;
    links.push({ uri, rel: (params.get('rel') ?? '').toLowerCase().split(/\s+/), params });
    at = skip(text, next);
  }
  return links;
}

/** Over white space, and over the commas between links. */
function skip(text: string, from: number): number {
  let at = from;
  while (at < text.length && /[\s,]/.test(text[at]!)) at++;
  return at;
}

/** As far as the comma that ends the link; the first of two parameters with one name counts. */
function readParams(text: string, from: number): { params: Map<string, string>; next: number } | undefined {
  const params = new Map<string, string>();
  let at = overSpace(text, from);
  while (text[at] === ';') {
    const { name, value, next } = readParam(text, at + 1);
    if (!params.has(name)) params.set(name, value);
    at = overSpace(text, next);
  }
  return at >= text.length || text[at] === ',' ? { params, next: at } : undefined;
}

function overSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && /\s/.test(text[at]!)) at++;
  return at;
}

function readParam(text: string, from: number): { name: string; value: string; next: number } {
  let at = from;
  while (at < text.length && !/[=;,]/.test(text[at]!)) at++;
  const name = text.slice(from, at).trim().toLowerCase();
  if (text[at] !== '=') return { name, value: '', next: at };
  const begin = overSpace(text, at + 1);
  if (text[begin] === '"') {
    const end = text.indexOf('"', begin + 1);
    return end < 0 // the rest is a quote without an end: no comma follows, and the document is none
      ? { name, value: '', next: begin }
      : { name, value: text.slice(begin + 1, end), next: end + 1 };
  }
  at = begin;
  while (at < text.length && !/[;,]/.test(text[at]!)) at++;
  return { name, value: text.slice(begin, at).trim(), next: at };
}
