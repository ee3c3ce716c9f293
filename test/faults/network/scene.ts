import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { Capture } from '../../../src/demo/captures.ts';
import type { MediaRecord } from '../../../src/model.ts';
import type { Progress } from '../../../src/progress.ts';
import { verifyArchive } from '../../../src/vault/fixity.ts';
import { listOf, recordsOf } from '../../helpers/archives.ts';
import { withFakeArchive } from '../../helpers/fake-archive.ts';
import type { Case } from '../fault.ts';

const peakProbe = new URL('../../helpers/peak.mjs', import.meta.url).href;
const MOST_MEMORY = 300;
const LONGEST = 55_000;
const main = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));

/** Limits scaled down; whatever a case is not about must not take real time. */
const quick = [
  ...['--rate', 'unlimited', '-o', 'waybackIndexRate=unlimited', '-o', 'waybackReplayRate=unlimited'],
  ...['--backoff-base', '0.01', '--backoff-max', '0.05', '-o', 'networkPatience=20'],
];

export interface Given {
  readonly words?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Words before the command: where it is to run. */
  readonly through?: readonly string[];
  /** The archive's folder; another one than the first for a further run that is not to go on. */
  readonly out?: string;
  readonly started?: (child: ChildProcess) => void;
  readonly told?: (event: Progress, child: ChildProcess) => void;
}

/** What a run came to, as the process told it and as the archive has it. */
export interface Came {
  readonly code: number | null;
  readonly events: readonly Progress[];
  /** Everything that it said, and the manifest: where a secret or a stranger's page must not be. */
  readonly text: string;
  readonly stderr: string;
  readonly archive: string;
  readonly records: readonly MediaRecord[];
  /** The last record about an address. */
  of(url: string): MediaRecord;
  readonly seconds: number;
  /** How often an address was tried again. */
  retries(url: string): number;
}

export interface Scene {
  readonly dir: string;
  /** How often the web archive was asked for an address. */
  asked(url: string): number;
  /** Runs the command line over a list of addresses. */
  archive(addresses: readonly string[], given?: Given): Promise<Came>;
}

/** A case with a web archive that holds these captures; loopback and all else that is private is refused. */
export const withScene =
  (play: Case, captures: readonly Capture[] = []) =>
  <T>(test: (scene: Scene) => Promise<T>): Promise<T> =>
    withFakeArchive(captures, {}, (web) =>
      test({
        dir: play.folder,
        asked: (url) => web.requests.filter(({ path }) => urlAsked(path) === url).length,
        archive: (addresses, given) => archive(play, addresses, web.url, given),
      }),
    );

const urlAsked = (path: string) => new URL(path, 'http://archive').searchParams.get('url');

async function archive(
  play: Case,
  addresses: readonly string[],
  web: string,
  { words = [], env, through = [], out = 'archive', started, told }: Given = {},
): Promise<Came> {
  const dir = play.folder;
  const list = listOf(dir, addresses, `${out}.txt`);
  const [path, peak] = [join(dir, out), join(dir, `${out}.peak`)];
  const command = [
    process.execPath,
    main,
    '-i',
    list,
    '-D',
    path,
    '--json',
    '--wayback',
    web,
    ...quick,
    ...words,
  ];
  const began = performance.now();
  const [first, ...rest] = [...through, ...command];
  const child = spawn(first!, rest, {
    timeout: LONGEST, // nobody is left behind by a test that gave up
    killSignal: 'SIGKILL',
    cwd: dir,
    env: { ...unproxied(), NODE_OPTIONS: `--import=${peakProbe}`, OXBOW_PEAK: peak, ...env },
  });
  started?.(child);
  child.stdin.end();
  const events: Progress[] = [];
  let [stdout, stderr] = ['', ''];
  createInterface(child.stdout).on('line', (line) => {
    stdout += `${line}\n`;
    const event = JSON.parse(line) as Progress;
    events.push(event);
    told?.(event, child);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  const records = existsSync(join(path, 'manifest.jsonl')) ? recordsOf(path) : [];
  play.peak = Math.max(play.peak, Number(readFileSync(peak, 'utf8')) / 2 ** 20);
  expect(play.peak, 'MiB resident').toBeLessThan(MOST_MEMORY);
  if (code === 0 || code === 1)
    expect(await verifyArchive(path)).toMatchObject({ sound: true, closed: true });
  return {
    code,
    events,
    text: stdout + stderr + JSON.stringify(records),
    stderr,
    archive: path,
    seconds: (performance.now() - began) / 1000,
    records,
    of: (url) => records.filter((record) => record.url === url).at(-1)!,
    retries: (url) => events.filter((event) => event.event === 'retry' && event.url === url).length,
  };
}

/** Proxies of the machine that the tests run on are not ours. */
const unproxied = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !/_proxy$/i.test(name)));

/** An item's end in one word, as the table shows it. */
export const endOf = ({ status, origin, reason }: MediaRecord): string =>
  status === 'kept' ? `kept (${origin})` : `${status}: ${reason?.code}`;

/** What only a request to its own origin may bear. */
export const secretLines = (text: string): string[] =>
  text.split('\r\n').filter((line) => /^(authorization|proxy-authorization|cookie|x-api-key):/i.test(line));
