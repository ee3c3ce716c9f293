import type { Source } from '../source.ts';
import { nameIfAny, withoutPrefix } from '../target.ts';
import { claimsExport, isExportPath } from './export-look.ts';
import { settings, usualApi } from './settings.ts';
import { claimsTumblr, readTarget } from './target.ts';

/** A blog on Tumblr, a tag of it, a post, its likes, a tag over all blogs; an export of a blog. */
export const tumblr: Source = {
  name: 'tumblr',
  takes: 'a blog on Tumblr: its address or tumblr: and its name; also a tag, a post, likes, an export',
  settings,
  secret: {
    key: 'key',
    what: 'API key',
    advice: [
      'Tumblr gives keys to anybody who has an account: register an application at https://www.tumblr.com/oauth/apps',
      '(name and address are up to you). The "OAuth consumer key" is the key; the secret beside it is not needed.',
    ],
    question: (secret, api = usualApi) => ({
      url: `${api}/blog/staff/info?api_key=${encodeURIComponent(secret)}`,
    }),
    isAnswer: (parsed) => (parsed as { meta?: { status?: unknown } } | null)?.meta?.status === 200,
  },
  claims: (target) => claimsTumblr(target) || claimsExport(withoutPrefix('tumblr', target)),
  nameOf: (target) =>
    isExportPath(withoutPrefix('tumblr', target)) ? null : nameIfAny(() => readTarget(target).name),
  async open(target, context) {
    const { openTumblr } = await import('./open.ts'); // loaded by whoever archives from Tumblr, and by nobody else
    return openTumblr(target, context);
  },
};
