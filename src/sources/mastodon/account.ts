import { AuthError, QuotaError, SourceError } from '../../errors.ts';
import { quoted } from '../../shown.ts';
import { isAddress } from '../address.ts';
import { hear } from '../hear.ts';
import { at, elements, isObject, type JsonObject } from '../json-path.ts';
import type { SourceContext } from '../source.ts';
import type { Warnings } from '../warnings.ts';
import { Api } from './api.ts';
import { idIn } from './post.ts';
import type { MastodonSettings } from './settings.ts';
import { inWords, type Place } from './target.ts';

export interface Way {
  readonly own: MastodonSettings;
  readonly context: SourceContext;
  readonly warnings: Warnings;
}

export interface Account {
  readonly id: string;
  readonly raw: JsonObject;
}

export interface Found {
  readonly api: Api;
  readonly account: Account;
}

export function apiAt(base: string, place: Place, { own, context, warnings }: Way): Api {
  const { host, protocol } = new URL(base);
  const isSafe = protocol === 'https:' || base === own.api; // where the user named it, it is theirs to know
  const token = isSafe ? own.tokens.get(host) : undefined;
  return new Api({ base, token, name: inWords(place), context, warnings });
}

/** The account on the server that is asked, which need not be the host of its name: webfinger tells. */
export async function findAccount(place: Place, way: Way): Promise<Found> {
  const { user, domain, base } = place;
  const { api: given } = way.own;
  const api = apiAt(given ?? base, place, way);
  const name = given === undefined || api.host === domain ? user! : `${user}@${domain}`;
  try {
    return { api, account: await lookUp(api, name) };
  } catch (error) {
    if (given !== undefined || !isPlainTrouble(error)) throw error;
    const home = await homeOf(place, api);
    if (home === undefined || home === new URL(base).origin) throw error;
    const there = apiAt(home, place, way);
    return { api: there, account: await lookUp(there, user!) };
  }
}

const isPlainTrouble = (error: unknown): boolean =>
  error instanceof SourceError && !(error instanceof AuthError) && !(error instanceof QuotaError);

export async function lookUp(api: Api, name: string): Promise<Account> {
  const account = await api.ask('/api/v1/accounts/lookup', { acct: name }, accountIn);
  if (account.raw.suspended !== true) return account;
  throw new SourceError(`${api.hearing.name} is suspended on ${api.host}: nothing of it is shown there.`);
}

export function accountIn(value: unknown): Account | undefined {
  if (!isObject(value)) return undefined;
  const id = idIn(value.id);
  const isAccount = typeof value.username === 'string' || typeof value.acct === 'string';
  return id === undefined || !isAccount ? undefined : { id, raw: value };
}

/** The server on which the account lives, as its host says; undefined where it does not. */
async function homeOf({ base, user, domain }: Place, { hearing }: Api): Promise<string | undefined> {
  const resource = encodeURIComponent(`acct:${user}@${domain}`);
  const { headers: _, ...plain } = hearing; // whatever answers there, it is not the API
  const said = await hear(`${base}/.well-known/webfinger?resource=${resource}`, plain).catch((error) => {
    hearing.context.signal.throwIfAborted();
    if (error instanceof SourceError) return undefined; // what was asked first says what is wrong
    throw error;
  });
  const self = elements(at(said?.value, ['links'])).find(
    (link) => at(link, ['rel']) === 'self' && /activity\+json|ld\+json/.test(String(at(link, ['type']))),
  );
  const href = at(self, ['href']);
  return said?.status === 200 && typeof href === 'string' && isAddress(href) && URL.canParse(href)
    ? new URL(href).origin
    : undefined;
}

/** Where the account says that it went, as it stands in sentences; undefined if it stayed. */
export function movedTo({ raw }: Account): string | undefined {
  const { moved } = raw;
  if (!isObject(moved)) return undefined;
  const name = [moved.url, moved.acct].find((text) => typeof text === 'string' && text !== '');
  return quoted(String(name ?? 'somewhere'), 200);
}
