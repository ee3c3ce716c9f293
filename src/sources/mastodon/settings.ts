import { UsageError } from '../../errors.ts';
import type { Settings } from '../../options.ts';
import { OwnSettings } from '../own-settings.ts';

export const settings = {
  token: 'an access token of your own, as host=TOKEN; several by commas; each is sent to its host alone',
  api: 'the base address of the server that is asked, by default the one that the account is at home on',
  profile: 'true (the default) for the pictures of the account itself, in a post of their own',
  cards: 'true for the preview pictures of links, which are left out by default',
  direct: 'true for direct messages, which are left out by default',
} as const;

export interface MastodonSettings {
  /** By hosts, in small letters. */
  readonly tokens: ReadonlyMap<string, string>;
  readonly api: string | undefined;
  readonly hasProfile: boolean;
  readonly hasCards: boolean;
  readonly hasDirect: boolean;
}

export function readSettings(given: Settings): MastodonSettings {
  const own = new OwnSettings('mastodon', settings, given);
  return {
    tokens: readTokens(own.text('token') ?? ''),
    api: own.base('api'),
    hasProfile: own.truth('profile', true),
    hasCards: own.truth('cards', false),
    hasDirect: own.truth('direct', false),
  };
}

/** What is none is refused without repeating it. */
export function readTokens(text: string): ReadonlyMap<string, string> {
  const tokens = new Map<string, string>();
  for (const part of text.split(',').filter((one) => one.trim() !== '')) {
    const [, host, token] = /^\s*([^\s=/]{1,255})=(\S{1,1000})\s*$/.exec(part) ?? [];
    if (host === undefined || token === undefined)
      throw new UsageError(
        'sources.mastodon.token takes the host and the token as host=TOKEN, and several of these by commas.',
      );
    tokens.set(host.toLowerCase(), token);
  }
  return tokens;
}
