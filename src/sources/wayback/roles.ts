import { sumOfText } from '../../sums.ts';

/**
 * The order in which pages are read: posts by the looks of their address, then what may be anything, then pages that
 * merely list posts. So a medium belongs to the post that shows it, and to a list only if no post was captured.
 */
export const roles = ['post', 'page', 'index'] as const;

export type Role = (typeof roles)[number];

/** By the path, in lower case and without a slash at the end. */
const lists: readonly RegExp[] = [
  /^$/,
  /\/page\/\d+$/,
  /\/(tagged|tags?|category|categories|author|search|labels?)(\/|$)/,
  /\/archives?(\/\d{4}(\/\d{1,2}){0,2})?$/,
  /^(\/[^/]+)?\/\d{4}(\/\d{1,2}){0,2}$/,
  /\/[^/]+\/feed(\/|$)/,
  /\/comments?(\/feed)?$|\/comment-page-\d+$|\/trackback$/,
];
/** Other forms of a page, and parts of a list. */
const listing = /[?&](share|replytocom|paged?|s|q|tag|cat|m|amp|offset|before|after|max-results)(=|&|$)/;

const posts: readonly RegExp[] = [
  /\/post\/\d+(\/|$)/,
  /\/\d{4}\/\d{1,2}\/(\d{1,2}\/)?[^/]+/,
  /\/(p|posts?|entry|entries|articles?|story)\/[^/]+/,
  /\/archives?\/\d{5,}(\.html?)?$/,
  /\/\d+\.html?$/,
];
const posting = /^\?(.*&)?p=\d+(&|$)/;

/** What an address promises, by the key of the page. */
export function roleOf(key: string): Role {
  const place = key.slice(key.indexOf('/')).slice(0, 2048);
  const [whole] = place.split('?', 1) as [string];
  const [path, query] = [whole.replace(/\/$/, ''), place.slice(whole.length)];
  if (posting.test(query)) return 'post';
  if (listing.test(query) || lists.some((rule) => rule.test(path))) return 'index';
  return posts.some((rule) => rule.test(path)) ? 'post' : 'page';
}

/** The number of a post where its address bears one in Tumblr's manner, else the page's own key. */
export const postIdOf = (key: string): string =>
  /\/post\/(\d{1,20})(?:\/|\?|$)/.exec(key.slice(0, 2048))?.[1] ?? shortened(key);

const longestId = 1024;

/** Every item of a post bears its id, so that one of 8 kB would multiply with 10,000 items: the sum of it does as well. */
export const shortened = (id: string): string => (id.length <= longestId ? id : sumOfText('sha256', id));
