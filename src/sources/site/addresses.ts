import { sumOfText } from '../../sums.ts';
import { normalise } from '../address.ts';
import { bareHost } from './place.ts';

/** Longer ones are made by machines that have lost their way. */
const longest = 2000;

/** Parameters that say who has come from where, and nothing of the page. */
const tracking =
  /^(utm_[a-z_]+|fbclid|gclid|dclid|gbraid|wbraid|msclkid|mc_cid|mc_eid|igshid|yclid|twclid|_ga|_gl|_hsenc|_hsmi|ref_src|phpsessid|jsessionid|aspsessionid\w*|sessionid|session_id|cfid|cftoken)$/i;

/** The address of a page without what does not belong to it; undefined where it is none that can be asked for. */
export function tidy(address: string, base?: string): string | undefined {
  const whole = address.length > 2 * longest ? undefined : normalise(address.trim(), base);
  if (whole === undefined) return undefined;
  const at = whole.indexOf('?');
  const path = (at < 0 ? whole : whole.slice(0, at)).replace(/;jsessionid=[^/]{0,200}$/i, '');
  const kept =
    at < 0
      ? []
      : whole
          .slice(at + 1)
          .split('&')
          .filter(isOfThePage);
  const url = kept.length > 0 ? `${path}?${kept.join('&')}` : path;
  return url.length > longest ? undefined : url;
}

const isOfThePage = (part: string): boolean =>
  part !== '' && !tracking.test(part.slice(0, 60).split('=', 1)[0]!);

/** Under which a page is known: scheme, `www.`, a last slash and the name of an index make no other page. */
export function keyOf(address: string): string {
  const url = new URL(address);
  const path = url.pathname.replace(/\/index\.(x?html?|php)$/i, '/').replace(/\/$/, '');
  return `${bareHost(url)}${path}${url.search}`;
}

const longestId = 1024;

/** Every item of a post bears its id: a sum of a long one does as well. */
export const idOf = (address: string): string =>
  address.length <= longestId ? address : sumOfText('sha256', address);

/** Which of a great many addresses came by already, at 52 bits each. */
export class Addresses {
  readonly #sums = new Set<number>();

  /** True the first time that a page comes. */
  add(key: string): boolean {
    const before = this.#sums.size;
    this.#sums.add(Number.parseInt(sumOfText('md5', key).slice(0, 13), 16));
    return this.#sums.size > before;
  }

  get size(): number {
    return this.#sums.size;
  }

  countWithout(others: Addresses): number {
    let count = 0;
    for (const sum of this.#sums) if (!others.#sums.has(sum)) count++;
    return count;
  }
}
