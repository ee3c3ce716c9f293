/** All sources: a line each. Which of several takes a target, `choose.ts` tells. */
export { blogger } from './blogger/blogger.ts';
export { bluesky } from './bluesky/bluesky.ts';
export { feed } from './feed/feed.ts';
export { ghost } from './ghost/ghost.ts';
export { json } from './json.ts';
export { list } from './list.ts';
export { mastodon } from './mastodon/mastodon.ts';
export { medium } from './medium/medium.ts';
export { site } from './site/site.ts';
export { substack } from './substack/substack.ts';
export { tumblr } from './tumblr/tumblr.ts';
export { wayback } from './wayback/wayback.ts';
export { wordpress } from './wordpress/wordpress.ts';
