import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { MediaRecord } from '../../src/model.ts';
import { recordsOf } from '../helpers/archives.ts';
import { oxbow, type Ran } from '../helpers/cli.ts';
import { type RawServer, startRawServer } from '../helpers/raw-server.ts';
import type { Script } from '../helpers/raw-talk.ts';
import { archivedHere } from './in-process.ts';
import { filesWith, sizeOf, sumOf, unsoundness } from './sound.ts';

/** Sizes as the list of faults has them, where a quick run makes do with less. */
export const atFullScale = process.env.OXBOW_FAULTS === 'full';

const peakProbe = new URL('../helpers/peak.mjs', import.meta.url).href;

/** Waits are cut so that retries take no real time; loopback is private, and needs no politeness. */
const scaled = [
  ...['--allow-private', '--json', '--rate', 'unlimited', '--backoff-base', '0.005'],
  ...['-o', 'waybackIndexRate=unlimited', '-o', 'waybackReplayRate=unlimited'],
];

/** Where the one file of a server lies. */
export const addressOf = ({ url }: RawServer): string => `${url}/a.jpg`;

interface Event {
  readonly event: string;
  readonly [key: string]: unknown;
}

export interface Finished extends Ran {
  readonly events: readonly Event[];
  /** MiB resident at most. */
  readonly peak: number;
  /** The record that stands for an item. */
  record(item: string): MediaRecord;
  /** One for each item. */
  readonly records: readonly MediaRecord[];
}

export interface Part {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** What a case plays in: servers, an archive on disk, a stand-in web archive, and runs of the command line. */
export class Scene {
  readonly folder: string;
  readonly #servers: RawServer[] = [];
  #webArchive: RawServer | undefined;
  peak = 0;
  /** MiB that a run may have resident. */
  most = 300;
  /** What a run may end with. */
  ends: readonly number[] = [0, 1];

  constructor(folder: string) {
    this.folder = folder;
  }

  /** The archive that the runs write. */
  get archive(): string {
    return join(this.folder, 'archive');
  }

  /** A host of its own. */
  async server(scripts: Readonly<Record<string, Script>>): Promise<RawServer> {
    const server = await startRawServer(scripts);
    this.#servers.push(server);
    return server;
  }

  /** A host for each script, with the script at one path of it. */
  async servers(scripts: readonly Script[], path = '/a.jpg'): Promise<RawServer[]> {
    return Promise.all(scripts.map((script) => this.server({ [path]: script })));
  }

  /** Archives a list of addresses; what must hold after every run is checked here. */
  async run(addresses: readonly string[], ...options: readonly string[]): Promise<Finished> {
    const list = join(this.folder, 'list.txt');
    writeFileSync(list, `${addresses.join('\n')}\n`);
    return this.runOn(['-i', list], ...options);
  }

  async runOn(target: readonly string[], ...options: readonly string[]): Promise<Finished> {
    this.#webArchive ??= await this.server({
      '/cdx/search/cdx': (exchange) =>
        exchange.say('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]'),
    });
    const words = ['-D', this.archive, '--wayback', this.#webArchive.url, ...scaled, ...options];
    const { peak, ...ran } = await this.#ran([...target, ...words]);
    if (ran.code === null || !this.ends.includes(ran.code)) expect.fail(`exit ${ran.code}: ${ran.stderr}`);
    this.peak = Math.max(this.peak, peak);
    expect(this.peak, 'MiB resident').toBeLessThan(this.most);
    const isThere = existsSync(this.archive);
    expect(isThere ? unsoundness(this.archive) : []).toEqual([]);
    const events = ran.stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Event);
    const records = new Map(
      isThere ? recordsOf(this.archive).map((record) => [record.item, record] as const) : [],
    );
    return {
      ...ran,
      events,
      peak,
      records: [...records.values()],
      record: (item) => records.get(item) ?? expect.fail(`no record of ${item}`),
    };
  }

  /** The campaign plays the command line, in processes whose memory is measured; the quick run saves their starts. */
  async #ran(words: readonly string[]): Promise<Ran & { readonly peak: number }> {
    if (!atFullScale) return { ...(await archivedHere(words)), peak: 0 };
    const file = join(this.folder, 'peak');
    const ran = await oxbow(words, { env: { NODE_OPTIONS: `--import=${peakProbe}`, OXBOW_PEAK: file } });
    return { ...ran, peak: Number(readFileSync(file, 'utf8')) / 2 ** 20 };
  }

  /** How often the web archive was asked about an address. */
  asked(address: string): number {
    const urlOf = (path: string) => new URL(path, 'http://archive').searchParams.get('url');
    return this.#webArchive?.heard.filter(({ path }) => urlOf(path) === address).length ?? 0;
  }

  /** Part files, in the order of their names. */
  parts(): Part[] {
    return this.#work().filter(({ name }) => name.endsWith('.part'));
  }

  sidecars(): string[] {
    return this.#work().flatMap(({ name }) => (name.endsWith('.part.json') ? [name] : []));
  }

  /** Everything that lies among the part files. */
  #work(): Part[] {
    const folder = join(this.archive, '.oxbow', 'parts');
    if (!existsSync(folder)) return [];
    return readdirSync(folder)
      .map((name) => ({
        name,
        bytes: statSync(join(folder, name)).size,
        sha256: sumOf(readFileSync(join(folder, name))),
      }))
      .sort((a, b) => a.name.localeCompare(b.name));
  }

  /** The bytes of a kept item. */
  bytesOf({ path }: MediaRecord): Buffer {
    return readFileSync(join(this.archive, path ?? expect.fail('no path')));
  }

  /** The files of the archive, its work folder included, that contain some bytes. */
  filesWith(bytes: string | Buffer): string[] {
    return filesWith(this.archive, bytes);
  }

  /** Bytes that lie under a final name or among the parts. */
  size(): number {
    return sizeOf(join(this.archive, 'data')) + sizeOf(join(this.archive, '.oxbow', 'parts'));
  }

  async close(): Promise<void> {
    for (const server of this.#servers) await server.close();
  }
}
