import { SourceError } from '../../errors.ts';
import type { Page, Post } from '../../model.ts';
import type { Hearing } from '../hear.ts';
import { at, isObject } from '../json-path.ts';
import type { ListingWay, SourceContext } from '../source.ts';
import { walk } from '../timeline.ts';
import { feedPages, repoHint } from './feed.ts';
import { documentOf, type Identity } from './identity.ts';
import { type Shelf, usualPds } from './items.ts';
import { type PostReading, readEntry, readRecord } from './post.ts';
import { type Profile, readProfileRecord, readProfileView } from './profile.ts';
import { repoTimeline } from './repo.ts';
import type { BlueskySettings } from './settings.ts';
import { call, Refused } from './xrpc.ts';

/** An account of which it is known where it lies. */
export interface Account {
  readonly identity: Identity;
  readonly settings: BlueskySettings;
  readonly context: SourceContext;
  readonly hearing: Hearing;
}

/** All that is listed of an account, in one of two ways. */
export async function* accountPages(
  account: Account,
  cursor: unknown,
  listing?: ListingWay,
): AsyncGenerator<Page> {
  if (account.settings.list === 'repo') yield* repoPages(account, listing);
  else {
    const { identity, settings, hearing } = account;
    const profile = await profileOf(account);
    yield* feedPages(
      cursor,
      { did: identity.did, profile, settings, hearing, reading: readingOf(account) },
      listing,
    );
  }
}

const pdsOf = ({ identity, settings }: Account): string => settings.pds ?? identity.pds;

/** Where media lie: the account's own on its server, those of others where the directory will say. */
function shelfOf(account: Account, did: string): Shelf {
  const { identity, settings } = account;
  const { pds, plc, cdn } = settings;
  if (did === identity.did) return { did, pds: pdsOf(account), cdn };
  return { did, pds: pds ?? usualPds, document: documentOf(did, plc), cdn };
}

const readingOf = (account: Account): PostReading => ({
  shelfOf: (did) => shelfOf(account, did),
  warn: (message) => account.hearing.warnings.warn(message),
});

async function profileOf(account: Account): Promise<Profile> {
  const { identity, settings, hearing } = account;
  const shelf = shelfOf(account, identity.did);
  const profile = await call(
    {
      base: settings.api,
      method: 'app.bsky.actor.getProfile',
      query: { actor: identity.did },
      find: (value) => readProfileView(value, shelf),
      lacks: 'is no profile of that account',
      hint: repoHint,
    },
    hearing,
  );
  if (profile.isShy)
    hearing.warnings.warn(
      `${hearing.name} asks to be shown to those alone who have signed in: what the site shows of it may not be all. ${repoHint}`,
    );
  return profile;
}

/** With the first page comes the profile, where the server has one. */
async function* repoPages(account: Account, listing?: ListingWay): AsyncGenerator<Page> {
  const { identity, settings, hearing } = account;
  const { did, handle } = identity;
  const [pds, reading] = [pdsOf(account), readingOf(account)];
  const blog = { id: did, raw: { did, handle } };
  const timeline = repoTimeline({ did, pds, limit: settings.limit, hearing, reading });
  let isFirst = true;
  for await (const page of walk(timeline, listing)) {
    const profile = isFirst ? await profileRecord(account) : [];
    yield { ...page, posts: [...profile, ...page.posts], blog };
    isFirst = false;
  }
}

const recordIn = (value: unknown) =>
  isObject(value) && isObject(value.value)
    ? { uri: value.uri, cid: value.cid, value: value.value }
    : undefined;

function recordOf(account: Account, collection: string, rkey: string) {
  const { identity, hearing } = account;
  return call(
    {
      base: pdsOf(account),
      method: 'com.atproto.repo.getRecord',
      query: { repo: identity.did, collection, rkey },
      find: recordIn,
      lacks: 'has no record',
    },
    hearing,
  );
}

/** Not every account has one. */
async function profileRecord(account: Account): Promise<readonly Post[]> {
  try {
    const record = await recordOf(account, 'app.bsky.actor.profile', 'self');
    const post = readProfileRecord(record, shelfOf(account, account.identity.did));
    return post ? [post] : [];
  } catch (error) {
    if (error instanceof Refused) return [];
    throw error;
  }
}

/** One post says nothing of what else there is. */
export async function onePost(key: string, account: Account): Promise<Page> {
  const { did } = account.identity;
  const uri = `at://${did}/app.bsky.feed.post/${key}`;
  const post =
    account.settings.list === 'repo' ? await heldPost(key, account) : await shownPost(uri, account);
  if (post?.id !== uri)
    throw new SourceError(
      `There is no post ${key} of the account ${account.identity.handle ?? did}, or it is not shown to everybody.`,
    );
  return { posts: [post], blog: { id: did, raw: { did, handle: account.identity.handle } } };
}

async function heldPost(key: string, account: Account): Promise<Post | undefined> {
  return readRecord(await recordOf(account, 'app.bsky.feed.post', key), readingOf(account));
}

async function shownPost(uri: string, account: Account): Promise<Post | undefined> {
  const { settings, hearing } = account;
  const [post] = await call(
    {
      base: settings.api,
      method: 'app.bsky.feed.getPosts',
      query: { uris: uri },
      find: (value) => {
        const posts = at(value, ['posts']);
        return Array.isArray(posts) ? posts : undefined;
      },
      lacks: 'has no list of posts',
      hint: repoHint,
    },
    hearing,
  );
  return post === undefined ? undefined : readEntry({ post }, readingOf(account));
}
