import { type Hearing, hear, type Said } from '../hear.ts';
import { isObject } from '../json-path.ts';
import type { Recognised, Sight, SourceContext } from '../source.ts';
import { cappedWarnings } from '../warnings.ts';
import { accountIn } from './account.ts';
import { Api } from './api.ts';
import { idIn } from './post.ts';
import { bareNameAt, type Place, placeAt } from './target.ts';

/**
 * Is it a page of a server like Mastodon? Its address has to look like an account or a post, and its server has to know
 * that, or to say in the way of its API that it tells only those who are signed in.
 */
export async function recognise(sight: Sight, context: SourceContext): Promise<Recognised | undefined> {
  const [address, place] = placed(sight) ?? [];
  if (address === undefined || !place) return undefined;
  const { base, user, post } = place;
  const path =
    post === null
      ? `/api/v1/accounts/lookup?acct=${encodeURIComponent(nameAt(place))}`
      : `/api/v1/statuses/${encodeURIComponent(post)}`;
  const warnings = cappedWarnings(() => undefined, base);
  const { hearing } = new Api({ base, token: undefined, name: base, context, warnings });
  const why = whyOf(await asked(`${base}${path}`, hearing), user ?? '', sight);
  return why === undefined ? undefined : { why, target: `mastodon:${address}` };
}

/** The page that answered tells more than the one that was asked for, unless that is a login. */
function placed({ url, target, links }: Sight): readonly [string, Place] | undefined {
  for (const address of [url, target]) {
    const place = placeAt(address);
    if (place) return [address, place];
  }
  const isFederated = links.some(
    ({ rel, type = '' }) => rel.includes('alternate') && /activity\+json/i.test(type.slice(0, 200)),
  );
  const bare = isFederated ? bareNameAt(url) : undefined;
  return bare && [`${bare.base}/@${bare.user}`, bare];
}

const nameAt = ({ base, user, domain }: Place): string =>
  new URL(base).host === domain ? user! : `${user}@${domain}`;

const asked = (url: string, hearing: Hearing): Promise<Said> => hear(url, hearing);

function whyOf({ status, value }: Said, user: string, { start }: Sight): string | undefined {
  const isSaid = isObject(value) && typeof value.error === 'string';
  if (status === 200 && accountIn(value)) return 'its server knows the account, by the API of Mastodon';
  if (status === 200 && isObject(value) && idIn(value.id) !== undefined && isObject(value.account))
    return 'its server knows the post, by the API of Mastodon';
  if ((status === 401 || status === 403) && isSaid)
    return `its server speaks the API of Mastodon, and tells of ${user || 'the post'} to those alone who are signed in`;
  if (status === 499 && /pixelfed/i.test(start.slice(0, 100_000)))
    return 'its page is one of Pixelfed, whose API wants a login';
  return undefined;
}
