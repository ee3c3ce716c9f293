import { SourceError } from '../../errors.ts';
import { quoted, shownAddress } from '../../shown.ts';
import { askFor, type Hearing } from '../hear.ts';
import { at, isObject } from '../json-path.ts';
import { usualPds } from './items.ts';
import type { BlueskySettings } from './settings.ts';
import { isDid, isHandle } from './target.ts';
import { call } from './xrpc.ts';

/** What the directory says of an account. */
export interface Identity {
  /** It stays when the handle is another. */
  readonly did: string;
  readonly handle: string | null;
  /** The server on which it lies. */
  readonly pds: string;
}

/** The directory knows no such account, or no more. */
export class NoAccount extends SourceError {}

type Settings = Pick<BlueskySettings, 'api' | 'plc'>;

/** The lasting id behind a handle. Throws `Refused` where nobody knows it. */
export const resolveHandle = (handle: string, { api }: Settings, hearing: Hearing): Promise<string> =>
  call(
    {
      base: api,
      method: 'com.atproto.identity.resolveHandle',
      query: { handle },
      find: (value) => [at(value, ['did'])].find(isDid),
      lacks: 'names no id',
    },
    hearing,
  );

/** Where the document of an account lies; undefined of an id of a kind that nobody here knows. */
export function documentOf(did: string, plc: string): string | undefined {
  if (did.startsWith('did:plc:')) return `${plc}/${did}`;
  const host = /^did:web:([A-Za-z0-9.-]+(?:%3A\d{1,5})?)$/i.exec(did)?.[1];
  const address = host && `https://${host.replace(/%3A/i, ':')}/.well-known/did.json`;
  return address && URL.canParse(address) ? new URL(address).href : undefined;
}

/** What its document says of an account. Throws SourceError where there is none. */
export async function identityOf(did: string, { plc }: Settings, hearing: Hearing): Promise<Identity> {
  const url = documentOf(did, plc);
  if (url === undefined)
    throw new SourceError(
      `${hearing.name} cannot be found: ids of the kind of ${quoted(did, 80)} are not known here.`,
    );
  const document = await askFor(
    {
      url,
      find: (value) => (isObject(value) && at(value, ['id']) === did ? value : undefined),
      refusal: ({ status }) =>
        status === 404 || status === 410
          ? new NoAccount(
              status === 410
                ? `${hearing.name} is gone for good: the directory says that the account was deleted (status 410).`
                : `${hearing.name} is not known to the directory of accounts (status 404).`,
              { url: shownAddress(url) },
            )
          : undefined,
      lacks: 'is no document of that account',
    },
    hearing,
  );
  return { did, handle: handleIn(document), pds: serverIn(document) ?? usualPds };
}

function handleIn(document: unknown): string | null {
  const names = at(document, ['alsoKnownAs']);
  const handles = (Array.isArray(names) ? names : [])
    .slice(0, 20)
    .map((name) => (typeof name === 'string' ? name.replace(/^at:\/\//, '').toLowerCase() : ''));
  return handles.find((handle) => isHandle(handle) && handle !== 'handle.invalid') ?? null;
}

function serverIn(document: unknown): string | undefined {
  const services = at(document, ['service']);
  for (const one of Array.isArray(services) ? services.slice(0, 50) : []) {
    const isServer =
      at(one, ['type']) === 'AtprotoPersonalDataServer' || String(at(one, ['id'])).endsWith('#atproto_pds');
    const address = at(one, ['serviceEndpoint']);
    if (!isServer || typeof address !== 'string' || address.length > 500 || !URL.canParse(address)) continue;
    const { protocol, origin, pathname } = new URL(address);
    if (/^https?:$/.test(protocol)) return `${origin}${pathname}`.replace(/\/+$/, '');
  }
  return undefined;
}
