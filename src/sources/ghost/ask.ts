import { AuthError, SourceError } from '../../errors.ts';
import { askFor, type Hearing, type Said, wordsOf } from '../hear.ts';
import { at, wholeOf } from '../json-path.ts';
import type { SourceContext } from '../source.ts';
import type { Warnings } from '../warnings.ts';
import { type GhostSite, shownSite } from './site.ts';

export const resources = ['posts', 'pages'] as const;
export type Resource = (typeof resources)[number];

export interface ContentWay {
  readonly site: GhostSite;
  readonly context: Pick<SourceContext, 'fetch' | 'signal'>;
  readonly warnings: Warnings;
  readonly originals?: boolean;
  /** Told of each post of which not all is shown. */
  readonly onPreview?: () => void;
}

/** One answer: some posts, and whether more follow. */
export interface Leaf {
  readonly raw: readonly unknown[];
  readonly total: number | undefined;
  /** Does it say that more follows? Undefined where only the count can tell. */
  readonly isLinked: boolean | undefined;
}

type Query = { readonly resource: Resource } & Readonly<Record<string, string | number | undefined>>;

/** The server does not take the question as it is. */
export class NotAsked extends SourceError {}

/** One answer of the Content API. What counts posts and shows none is no answer. */
export function askContent({ resource, ...query }: Query, way: ContentWay): Promise<Leaf> {
  const { site, context, warnings } = way;
  const given = Object.entries(query).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, String(value)] as [string, string]],
  );
  const name = shownSite(site);
  const hearing = {
    name,
    context,
    warnings,
    headers: { 'accept-version': 'v5.0' },
    secrets: [site.key],
    largest: 64 * 2 ** 20,
  };
  return askFor(
    {
      url: `${site.api}/${resource}/?${new URLSearchParams([['key', site.key], ...given])}`,
      find: (value) => leafIn(value, resource, query.page === undefined || query.page === 1),
      refusal: (said) => refusal(said, site, hearing),
      lacks: `has no list of ${resource}, or an empty one where it counts some`,
    },
    hearing,
  );
}

function leafIn(value: unknown, resource: Resource, isFirst: boolean): Leaf | undefined {
  const raw = at(value, [resource]);
  const about = at(value, ['meta', 'pagination']);
  const [total, next] = [wholeOf(at(about, ['total'])), at(about, ['next'])];
  if (!Array.isArray(raw) || (isFirst && raw.length === 0 && (total ?? 0) > 0)) return undefined;
  const isEnd = next === null && total === undefined;
  return { raw, total, isLinked: wholeOf(next) !== undefined ? true : isEnd ? false : undefined };
}

function refusal(said: Said, site: GhostSite, hearing: Hearing): SourceError | AuthError | undefined {
  const { status, value } = said;
  const name = shownSite(site);
  const words = wordsOf(at(value, ['errors', '0', 'message']), hearing);
  if (status === 401 || status === 403)
    return new AuthError(
      `${name} refuses the key of its Content API (status ${status}${words}): ${site.isOwnKey ? 'check the setting sources.ghost.key, or leave it out, and the key that the site itself names is used' : 'the key that its page names is not valid any more; another one can be given by the setting sources.ghost.key'}.`,
    );
  if (status === 400 || status === 422)
    return new NotAsked(`${name} cannot be listed: its API answers ${status}${words}.`, { url: name });
  return undefined;
}
