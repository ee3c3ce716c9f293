import { AuthError, SourceError } from '../../errors.ts';
import { nameOfAddress } from '../address.ts';
import { askFor, type Hearing, type Said } from '../hear.ts';
import { isObject, type JsonObject, textAt } from '../json-path.ts';
import type { SourceContext } from '../source.ts';
import type { Warnings } from '../warnings.ts';

export interface ApiWay {
  readonly context: Pick<SourceContext, 'fetch' | 'signal'>;
  readonly warnings: Warnings;
}

/** A definite no about one post. */
export class NotShown extends SourceError {
  /** Does it say that there is no such post, and not that we may not see it? */
  readonly isGone: boolean;

  constructor(status: number) {
    super(`its server answers ${status}`);
    this.isGone = status === 404 || status === 410;
  }
}

const listPath = '/api/v1/archive';

/** What the pages of a publication ask their own server. */
export class Api {
  /** Where it is; a publication that has a domain of its own is led to it. */
  base: string;
  readonly #hearing: Hearing;

  constructor(base: string, { context, warnings }: ApiWay) {
    this.base = base;
    this.#hearing = { name: nameOfAddress(base), context, warnings };
  }

  /** Some posts in a row without their texts, the newest first; fewer than asked for does not mean that no more follow. */
  list(offset: number, limit: number): Promise<readonly unknown[]> {
    const query = new URLSearchParams({ sort: 'new', search: '', offset: `${offset}`, limit: `${limit}` });
    return askFor(
      {
        url: `${this.base}${listPath}?${query}`,
        find: (value, said) => this.#listIn(value, said),
        refusal: (said) => refusal(said, this.#hearing),
        lacks: 'is no list of posts',
      },
      this.#hearing,
    );
  }

  /** A post with its text; throws NotShown where it is not there for us. */
  async post(id: string, slug: string): Promise<JsonObject> {
    return askFor(
      {
        url: `${this.base}/api/v1/posts/${encodeURIComponent(slug)}`,
        find: (value) => (isObject(value) && textAt(value, [['id']], 100) === id ? value : undefined),
        refusal: ({ status }) => (definite.has(status) ? new NotShown(status) : undefined),
        lacks: 'is not this post',
      },
      this.#hearing,
    );
  }

  #listIn(value: unknown, { url }: Said): readonly unknown[] | undefined {
    if (!Array.isArray(value)) return undefined;
    const { origin, pathname } = new URL(url);
    if (pathname === listPath) this.base = origin;
    return value;
  }
}

function refusal({ status }: Said, { name }: Hearing): AuthError | undefined {
  if (status !== 401 && status !== 403) return undefined;
  return new AuthError(
    `${name} refuses to show its list of posts (status ${status}): it is private, or refuses programs for now. The cookies of a browser that is signed in (-C) may help, or a later run.`,
  );
}

const definite: ReadonlySet<number> = new Set([401, 402, 403, 404, 410, 451]);
