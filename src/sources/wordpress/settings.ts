import { UsageError } from '../../errors.ts';
import type { Settings } from '../../options.ts';
import { quoted } from '../../shown.ts';
import { OwnSettings } from '../own-settings.ts';

export const settings = {
  api: 'the base address of the API of WordPress.com, https://public-api.wordpress.com by default',
  types:
    'which types of posts are listed, such as posts,pages,media; by default all that the blog shows, media being what no post has',
  limit: 'how many posts are asked for at a time, from 2 to 100, which is the default',
} as const;

export interface WordPressSettings {
  readonly api: string;
  /** The same where the user named it: nobody else's host is trusted as the user's own. */
  readonly ownApi: string | undefined;
  /** Undefined for all that the blog shows. */
  readonly types: readonly string[] | undefined;
  readonly limit: number;
}

export function readSettings(given: Settings): WordPressSettings {
  const own = new OwnSettings('wordpress', settings, given);
  const ownApi = own.base('api');
  const types = own.text('types');
  return {
    api: ownApi ?? 'https://public-api.wordpress.com',
    ownApi,
    types: types === undefined ? undefined : typesIn(types),
    limit: own.whole('limit', 100, [2, 100]),
  };
}

function typesIn(text: string): readonly string[] {
  const types = text.split(',').map((type) => type.trim());
  const odd = types.find((type) => !/^[\w-]{1,100}$/.test(type));
  if (odd === undefined) return [...new Set(types)];
  throw new UsageError(
    `${quoted(odd, 80)} does not fit sources.wordpress.types: it takes names such as posts,pages,media.`,
  );
}
