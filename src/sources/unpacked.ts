import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { OxbowError, SourceError, sentence, systemCode } from '../errors.ts';
import { quoted } from '../shown.ts';
import { type Bytes, fileBytes, unzipped } from './bytes.ts';
import { DamagedFile, type HandedFile } from './source.ts';
import type { ZipPlace } from './zip-directory.ts';

const largestInner = 4 * 2 ** 30;

/** So much may come out of a compressed tar; media hardly shrink, and what swells without end is made to. */
const mostUnpacked = ({ bytes }: ZipPlace): number => Math.max(2 ** 26, bytes * 32);

/** What had to be unpacked before it could be read here and there, in a folder of its own. */
export class Unpacked {
  #folder: string | undefined;
  #count = 0;

  async take(opened: HandedFile | undefined, shown: string): Promise<Omit<ZipPlace, 'name'>> {
    const { body, bytes } = opened!;
    if (bytes > largestInner) {
      body.destroy();
      throw new SourceError(
        `${shown} within the export is larger than 4 GiB; unpack it, and name the folder.`,
      );
    }
    return { file: await this.#write(body, shown), from: 0, bytes };
  }

  /** A compressed tar can be read from its beginning alone, and its media are asked for in any order. */
  async gunzip(place: ZipPlace, signal: AbortSignal): Promise<Omit<ZipPlace, 'name'>> {
    await checkRoom(place);
    const bytes = unzipped(fileBytes(place.file, signal), place.name);
    const most = mostUnpacked(place);
    const file = await this.#write(atMost(bytes, most, place.name), place.name);
    return { file, from: 0, bytes: (await stat(file)).size };
  }

  async #write(bytes: Bytes, shown: string): Promise<string> {
    try {
      this.#folder ??= await mkdtemp(join(tmpdir(), 'oxbow-export-'));
      const file = join(this.#folder, String(this.#count++));
      await pipeline(bytes, createWriteStream(file, { flags: 'wx', mode: 0o600 }));
      return file;
    } catch (error) {
      if (systemCode(error) === undefined || error instanceof DamagedFile || error instanceof OxbowError)
        throw error;
      throw new SourceError(
        `${shown} cannot be unpacked for reading (${sentence(error)}); unpack it yourself, and name the folder.`,
        { cause: error },
      );
    }
  }

  async close(): Promise<void> {
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true });
  }
}

/** It will have about the size that it has now, or more: better not to fill a disk first and fail then. */
async function checkRoom({ bytes, name }: ZipPlace): Promise<void> {
  const room = await statfs(tmpdir()).catch(() => undefined); // where that cannot be told, it is tried
  if (!room || room.bavail * room.bsize > bytes) return;
  throw new SourceError(
    `${name} has to be unpacked for reading, and there is no room for it in ${quoted(tmpdir())}: TMPDIR names another folder for that; or unpack it yourself, and name the folder.`,
  );
}

async function* atMost(bytes: Bytes, most: number, shown: string): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    if (size > most)
      throw new SourceError(`${shown} opens to far more than its size; unpack it, and name the folder.`);
    yield chunk;
  }
}
