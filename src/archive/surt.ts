/**
 * What indexes of the CDX kind file an address under: without scheme, `www.`, default port and letter case, the query
 * in order. Two addresses with the same key have the same captures.
 */
export function surtOf(url: string): string {
  if (!URL.canParse(url)) return url;
  const { hostname, port, pathname, search } = new URL(url);
  const host = hostname.replace(/^www\d*\./, '');
  const inner = port === '' || port === '80' || port === '443' ? host : `${host}:${port}`;
  const query = search.slice(1).split('&').sort().join('&');
  return `${inner}${pathname}${query && `?${query}`}`.toLowerCase();
}
