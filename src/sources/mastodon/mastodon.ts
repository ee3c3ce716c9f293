import { UsageError } from '../../errors.ts';
import type { Source } from '../source.ts';
import { nameIfAny, withoutPrefix } from '../target.ts';
import { claimsArchive, isArchivePath } from './archive-look.ts';
import { readTokens, settings } from './settings.ts';
import { claimsHandle, readTarget } from './target.ts';

/** An account on Mastodon or a server like it, one of its posts, or the archive of an account. */
export const mastodon: Source = {
  name: 'mastodon',
  takes:
    'an account on Mastodon or a server like it: @user@host, its address; also a post, an account archive',
  settings,
  secret: {
    key: 'token',
    what: 'access token',
    advice: [
      'Most servers show public posts to everybody; a token is for those that do not, and for what only you may see.',
      'Sign in on the server, and under Preferences > Development make a new application with the scope "read".',
      'What is asked for here is the host, an equals sign, and the access token: social.example=TOKEN (several by commas).',
    ],
    question(secret, api) {
      const [[host, token] = []] = readTokens(secret);
      if (host === undefined || !URL.canParse(`https://${host}`))
        throw new UsageError('The token is told together with its host: HOST=TOKEN.');
      const base =
        api !== undefined && new URL(api).host === host ? api.replace(/\/+$/, '') : `https://${host}`;
      return {
        url: `${base}/api/v1/accounts/verify_credentials`,
        headers: { authorization: `Bearer ${token}` },
      };
    },
    isAnswer: (parsed) => typeof (parsed as { username?: unknown } | null)?.username === 'string',
  },
  claims(target) {
    const text = withoutPrefix('mastodon', target);
    return text !== target || claimsHandle(text) || claimsArchive(text);
  },
  nameOf: (target) =>
    isArchivePath(withoutPrefix('mastodon', target)) ? null : nameIfAny(() => readTarget(target).name),
  async recognises(sight, context) {
    const { recognise } = await import('./recognise.ts');
    return recognise(sight, context);
  },
  async open(target, context) {
    const { openMastodon } = await import('./open.ts'); // loaded by whoever archives from such a server, and by nobody else
    return openMastodon(target, context);
  },
};
