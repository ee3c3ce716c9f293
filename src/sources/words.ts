import { sumOfText } from '../sums.ts';

/**
 * The sum of what a page says to its readers. Its markup differs each time that it is asked for, by numbers that its
 * server makes up; its words do not. Goes over it once.
 */
export const sumOfWords = (html: string): string => sumOfText('sha256', wordsOf(html)).slice(0, 32);

const hidden = /^<(script|style|template|svg)[\s>]/i;
/** What a browser shows in its page: neither its title, nor what is for browsers without scripts. */
const unseen = /^<(script|style|template|svg|title|noscript)[\s>]/i;

export const shownWordsOf = (html: string): string => wordsOf(html, unseen);

export function wordsOf(html: string, without = hidden): string {
  const words: string[] = [];
  for (let at = 0; at < html.length; ) {
    const tag = html.indexOf('<', at);
    if (tag < 0 || tag > at) words.push(html.slice(at, tag < 0 ? html.length : tag));
    if (tag < 0) break;
    const end = endOf(html, tag, without);
    if (end < 0) break;
    at = end;
  }
  return words.join(' ').replace(/\s+/g, ' ').trim();
}

/** Behind a tag, or behind an element that shows no words; -1 where it has no end. */
function endOf(html: string, tag: number, without: RegExp): number {
  if (html.startsWith('<!--', tag)) return after(html, '-->', tag + 4);
  const [, name] = without.exec(html.slice(tag, tag + 12)) ?? [];
  const from = name === undefined ? tag + 1 : closing(html, name.toLowerCase(), tag + 1);
  return from < 0 ? -1 : after(html, '>', from);
}

/** Servers write a name in small letters or in capital ones. */
function closing(html: string, name: string, from: number): number {
  const [small, large] = [html.indexOf(`</${name}`, from), html.indexOf(`</${name.toUpperCase()}`, from)];
  return small < 0 || large < 0 ? Math.max(small, large) : Math.min(small, large);
}

function after(html: string, mark: string, from: number): number {
  const at = html.indexOf(mark, from);
  return at < 0 ? -1 : at + mark.length;
}
