import { SourceError, sentence } from '../../errors.ts';
import type { BlogFacts, Page, Post } from '../../model.ts';
import { counted, quoted } from '../../shown.ts';
import { isAddress } from '../address.ts';
import { bodyOf } from '../bytes.ts';
import { isObject, type JsonObject } from '../json-path.ts';
import { documentPosts, readValue, Unreadable } from '../json-stream.ts';
import { paged } from '../paged.ts';
import { openParts, type Parts } from '../parts.ts';
import { DamagedFile, type Listing, type SourceContext } from '../source.ts';
import { nameOfFiles } from '../target.ts';
import { decoded } from '../text.ts';
import { cappedWarnings, type Warnings } from '../warnings.ts';
import { type ArchiveFile, Contents } from './archive-contents.ts';
import { type ArchiveWay, isDirect, profileIn, readActivity } from './archive-post.ts';
import { passingOfAccount } from './post.ts';
import type { MastodonSettings } from './settings.ts';
import { named } from './target.ts';

const pageSize = 100;
const largestActor = 2 ** 20;

interface Opening {
  readonly own: MastodonSettings;
  readonly context: SourceContext;
}

/** What a server gives the owner of an account: a zip, a tar, or a folder with both unpacked. It hands over its media itself. */
export async function openArchive(target: string, opening: Opening): Promise<Listing> {
  const { context } = opening;
  const parts = await openParts(target, context.signal);
  try {
    return await listingOf(target, parts, opening);
  } catch (error) {
    await parts.close();
    throw error;
  }
}

async function listingOf(target: string, parts: Parts, opening: Opening): Promise<Listing> {
  const contents = new Contents(parts.all);
  const { outbox } = contents;
  if (!outbox)
    throw new SourceError(
      `There is no outbox.json in ${quoted(target)}: it is no archive of an account, or not all of it.`,
    );
  const warnings = cappedWarnings(opening.context.report, 'the account archive');
  const actor = await actorIn(contents, warnings);
  const host = hostOf(actor);
  const way = { contents, host };
  return {
    name: nameOf(actor, host) ?? nameOfFiles(target),
    trusted: [],
    files: contents,
    async *pages() {
      let isFirst = true;
      for await (const page of paged(postsOf(outbox, { ...way, ...opening, actor, warnings }), pageSize)) {
        yield { ...page, ...(isFirst && actor && { blog: blogOf(actor) }) } satisfies Page;
        isFirst = false;
      }
    },
    async close() {
      warnings.close();
      await parts.close();
    },
  };
}

/** Without it there are posts all the same. */
async function actorIn({ actor }: Contents, warnings: Warnings): Promise<JsonObject | undefined> {
  try {
    const opened = await actor?.part.open(actor.name);
    if (!opened) throw new DamagedFile('it is not there');
    if (opened.bytes > largestActor) {
      opened.body.destroy();
      throw new DamagedFile('it is larger than a megabyte');
    }
    let text = '';
    for await (const piece of decoded(bodyOf(opened.body), () => undefined)) text += piece;
    const value = readValue(text);
    if (isObject(value)) return value;
    throw new DamagedFile('it is no object');
  } catch (error) {
    if (!(error instanceof DamagedFile || error instanceof Unreadable || error instanceof SourceError))
      throw error;
    warnings.warn(`actor.json cannot be read (${sentence(error)}): whose archive it is remains unknown.`);
    return undefined;
  }
}

const addressIn = (actor: JsonObject | undefined): URL | undefined => {
  const found = [actor?.id, actor?.url].find(
    (one) => typeof one === 'string' && isAddress(one) && one.length < 2000 && URL.canParse(one),
  );
  return found === undefined ? undefined : new URL(String(found));
};

const hostOf = (actor: JsonObject | undefined): string | null => addressIn(actor)?.host ?? null;

function nameOf(actor: JsonObject | undefined, host: string | null): string | null {
  const user = actor?.preferredUsername;
  return typeof user === 'string' && user !== '' && host !== null
    ? named(`${user.slice(0, 100)}@${host}`)
    : null;
}

const blogOf = (actor: JsonObject): BlogFacts => {
  const id = addressIn(actor)?.href;
  return { ...(id !== undefined && { id }), raw: actor, passing: passingOfAccount };
};

interface Reading extends ArchiveWay, Opening {
  readonly actor: JsonObject | undefined;
  readonly warnings: Warnings;
}

/** The pictures of the account, then what stands in the outbox, which is as a rule the oldest first; each post once. */
async function* postsOf(outbox: ArchiveFile, reading: Reading): AsyncGenerator<Post> {
  const { actor, own, context, contents, warnings } = reading;
  const seen = new Set<string>();
  let direct = 0;
  if (contents.refused > 0)
    warnings.warn(
      `${counted(contents.refused, 'file')} of the archive left out: links, doubles, or names that lead out of it.`,
    );
  const profile = actor && own.hasProfile ? profileIn(actor, reading) : undefined;
  if (profile) yield profile;
  for await (const raw of activities(outbox, warnings)) {
    context.signal.throwIfAborted();
    const post = isObject(raw) ? readActivity(raw, reading) : undefined;
    if (!post) warnings.skip('An activity in outbox.json has no id, or is none; it is skipped.');
    else if (isObject(raw) && isDirect(raw) && !own.hasDirect) direct++;
    else if (!seen.has(post.id)) {
      seen.add(post.id);
      yield post;
    }
  }
  if (direct > 0)
    warnings.warn(
      `${counted(direct, 'direct message')} left out; with sources.mastodon.direct=true they are archived, too.`,
    );
}

const name = 'outbox.json of the account archive';

/** One at a time, for an outbox may have hundreds of megabytes. How many it says to have is wrong as often as not. */
async function* activities(outbox: ArchiveFile, warnings: Warnings): AsyncGenerator<unknown> {
  const opened = await outbox.part.open(outbox.name).catch(cannotBeRead);
  if (!opened) throw new SourceError(`${name} is not there any more.`);
  const tell = () => warnings.warn(`${name} is not all UTF-8: what is not was replaced by U+FFFD.`);
  const { warn, skip } = warnings;
  const mapping = { posts: ['orderedItems'] };
  try {
    yield* documentPosts(decoded(bodyOf(opened.body), tell), { name, mapping, warn, skip });
  } catch (error) {
    if (
      error instanceof SourceError &&
      error.cause === undefined &&
      error.message.includes('no list of posts')
    )
      throw new SourceError(`${name} has no list called orderedItems: it is no outbox.`);
    cannotBeRead(error);
  }
}

function cannotBeRead(error: unknown): never {
  if (!(error instanceof DamagedFile)) throw error;
  throw new SourceError(`${name} is damaged: ${error.message}.`, { cause: error });
}
