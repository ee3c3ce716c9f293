import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { placeholder, serves, servesHtml } from './behaviours.ts';
import type { Capture } from './captures.ts';
import { type FakeServer, type Script, startServer } from './server.ts';
import { type Trouble, troubles } from './troubles.ts';
import { startWebArchive } from './web-archive.ts';

export { type Trouble, troubles } from './troubles.ts';

/** The demonstration while it runs: a blog in trouble, and a web archive that captured some of it. */
export interface Demo {
  /** The address of the blog's posts, as JSON. */
  readonly target: string;
  readonly archiveUrl: string;
  readonly expected: Expected;
  /** The text of a file for `--placeholders`, as an object. */
  readonly placeholders: {
    readonly version: 1;
    readonly placeholders: readonly { readonly sha256: string; readonly seen: string }[];
  };
  /** Bytes of media bodies sent so far, by blog and web archive. */
  mediaBytes(): number;
  close(): Promise<void>;
}

/** What a run from nothing comes to, counted as the summary of a run counts. */
export interface Expected {
  readonly listed: number;
  readonly kept: number;
  readonly recovered: number;
  readonly duplicate: number;
  readonly missing: number;
  readonly failed: number;
}

interface Fixture {
  readonly posts: readonly { readonly date: string; readonly media: readonly Listed[] }[];
}

interface Listed {
  readonly key: string;
  readonly url: string;
}

/** From here the way is the same in the sources and in what is built of them. */
const fixtures = new URL('../../fixtures/demo/', import.meta.url);

const fileOf = (name: string) => readFileSync(new URL(`media/${name}`, fixtures));

/** A port asks for the address of an earlier demonstration, so that nothing in its posts has changed. */
export async function startDemo({ port = 0 }: { readonly port?: number } = {}): Promise<Demo> {
  const front = servesHtml('Fern &amp; Feather: notes of a naturalist.');
  const blog = await startServer({ '/': front }, { port });
  const here = readFileSync(new URL('posts.json', fixtures), 'utf8').replaceAll('{blog}', blog.url);
  const { posts } = JSON.parse(here) as Fixture;
  const script = { '/posts.json': serves(here, { type: 'application/json' }), ...mediaScript(posts) };
  for (const [path, behaviour] of Object.entries(script)) blog.add(path, behaviour);
  const archive = await startWebArchive(posts.flatMap(capturesOf));
  return {
    target: `${blog.url}/posts.json`,
    archiveUrl: archive.url,
    expected: expectedOf(posts.flatMap(({ media }) => media).length),
    placeholders: {
      version: 1,
      placeholders: [{ sha256: placeholder.sha256, seen: 'the demonstration blog' }],
    },
    mediaBytes: () => bytesOf(blog, '/media/') + bytesOf(archive, '/web/'),
    close: async () => {
      await Promise.all([blog.close(), archive.close()]);
    },
  };
}

const troubleOf = ({ key }: Listed): Trouble | undefined => troubles.find((trouble) => trouble.key === key);

/** Everything is served as it lies there, unless a trouble says otherwise. */
function mediaScript(posts: Fixture['posts']): Script {
  const files = readdirSync(new URL('media/', fixtures)).map((name) => ({ name, body: fileOf(name) }));
  const proper = files.flatMap(({ name, body }) =>
    ['/media/', '/media/originals/'].map((at) => [at + name, serves(body)]),
  );
  const troubled = posts
    .flatMap(({ media }) => media)
    .flatMap((item) => {
      const name = basename(item.url);
      const trouble = troubleOf(item);
      return trouble ? [[`/media/${name}`, trouble.behaves(fileOf(name), name)]] : [];
    });
  return Object.fromEntries([...proper, ...troubled]);
}

const DAY = 86_400_000;

/** A good capture soon after the post, and one of years later when the picture was gone already. */
function capturesOf({ date, media }: Fixture['posts'][number]): Capture[] {
  return media
    .filter((item) => troubleOf(item)?.captured)
    .flatMap(({ url }) => {
      const after = (days: number) =>
        new Date(Date.parse(date) + days * DAY).toISOString().replace(/\D/g, '').slice(0, 14);
      return [
        { url, time: after(23), body: fileOf(basename(url)), type: 'image/jpeg' },
        { url, time: after(1100), body: Buffer.from('Not Found\n'), type: 'text/html', status: 404 },
      ];
    });
}

function expectedOf(listed: number): Expected {
  const count = (outcome: Trouble['outcome']) =>
    troubles.filter((trouble) => trouble.outcome === outcome).length;
  const sums = {
    recovered: count('recovered'),
    duplicate: count('duplicate'),
    missing: count('missing'),
    failed: count('failed'),
  };
  const kept = listed - sums.recovered - sums.duplicate - sums.missing - sums.failed;
  return { listed, kept, ...sums };
}

function bytesOf({ requests }: FakeServer, under: string): number {
  const bodies = requests.filter(
    ({ path, status }) => path.startsWith(under) && (status === 200 || status === 206),
  );
  return bodies.reduce((sum, { sent }) => sum + sent, 0);
}
