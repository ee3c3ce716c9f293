import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Demo, startDemo, troubles } from '../demo/blog.ts';
import { OxbowError } from '../errors.ts';
import type { Summary } from '../model.ts';
import type { GivenOptions } from '../options.ts';
import { archiveOne } from './archive-one.ts';
import { type Losses, shortPath } from './closing.ts';
import type { OutputOptions } from './output.ts';
import { many, size } from './words.ts';

/** Serves the blog, archives it, and answers with the exit code. */
export async function demonstrate(directory: string, flags: OutputOptions): Promise<number> {
  const demo = await startDemo({ port: await lastPort(directory) });
  const scratch = await mkdtemp(join(tmpdir(), 'oxbow-demo-'));
  try {
    return await runDemo(demo, { directory: resolve(directory), scratch, flags });
  } finally {
    await demo.close();
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The blog comes back at the address that it had, if that is free: then nothing about its posts has changed. */
async function lastPort(directory: string): Promise<number> {
  const info = await readFile(join(directory, 'bag-info.txt'), 'utf8').catch(() => '');
  return Number(/^External-Identifier: http:\/\/127\.0\.0\.1:(\d+)\//m.exec(info)?.[1] ?? 0);
}

async function runDemo(demo: Demo, { directory, scratch, flags }: Setting): Promise<number> {
  const placeholders = join(scratch, 'placeholders.json');
  await writeFile(placeholders, JSON.stringify(demo.placeholders));
  let unplanned: OxbowError | undefined;
  const lastScreen = (summary: Summary, losses: Losses) => {
    unplanned = judgeDemo(demo, summary);
    return story(demo, summary, losses);
  };
  const code = await archiveOne(
    demo.target,
    flags,
    { ...options(demo), directory, placeholders },
    { lastScreen },
  );
  if (unplanned) throw unplanned;
  return code === 1 ? 0 : code; // the gaps are part of the plan
}

interface Setting {
  readonly directory: string;
  /** A folder for a moment. */
  readonly scratch: string;
  readonly flags: OutputOptions;
}

/** Loopback needs no politeness; the waits are shortened so that the demonstration takes seconds. */
const options = ({ archiveUrl }: Demo): GivenOptions => ({
  wayback: archiveUrl,
  rate: 100,
  waybackIndexRate: Number.POSITIVE_INFINITY,
  backoffBase: 200,
});

/** Ten lines: what was done, what came of it, where to look. */
function story(demo: Demo, summary: Summary, losses: Losses): string[] {
  const { posts, listed, kept, recovered, duplicate, recalled, missing, failed, filtered, requests } =
    summary;
  const bytes = demo.mediaBytes();
  const path = shortPath(summary.path);
  const parts = [kept, recovered, duplicate, recalled, missing, failed, filtered];
  return [
    `Archived a blog of Oxbow's own, with ${troubles.length} troubles built in (-v tells all):`,
    'hang-ups, 503s, a 429, placeholders, a page for a picture, lost pictures.',
    bytes === 0
      ? `0 media bytes were downloaded: all was held already (${many(requests, 'request')}).`
      : `${size(bytes)} of media were downloaded with ${many(requests, 'request')}.`,
    `${posts} posts, ${listed} media items: ${kept} kept, ${recovered} recovered, ${duplicate} the same as another,`,
    `${recalled} held before, ${missing} missing: ${losses.inShort()}.`,
    `It adds up: ${listed} = ${parts.join(' + ')}.`,
    `look    ${path}/data/media`,
    `why     npm start -- status ${path} --missing`,
    `prove   (cd ${path} && sha256sum -c manifest-sha256.txt)`,
    `yours   npm start -- <target>   (with ${many(missing + failed, 'gap')} it would end with exit code 1)`,
  ];
}

/** What did not come out as planned. Whatever was recovered or deduplicated before counts as recalled now. */
function judgeDemo(
  { expected }: Demo,
  { kept, recovered, duplicate, recalled, missing, failed }: Summary,
): OxbowError | undefined {
  const held = kept + recovered + duplicate + recalled;
  const planned = expected.kept + expected.recovered + expected.duplicate;
  if (held === planned && missing === expected.missing && failed === expected.failed) return undefined;
  const came = `${held} held instead of ${planned}, ${missing} missing instead of ${expected.missing}`;
  return new OxbowError(`The demonstration did not come out as planned: ${came}.`);
}
