import { existsSync } from 'node:fs';
import { type FileHandle, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { StorageError } from '../errors.ts';
import { names } from './layout.ts';
import { sumOfFile, syncFolder } from './place.ts';
import { FORMAT } from './records.ts';

/** One payload file, as the bag's manifest lists it. */
export interface Payload {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

const declaration = 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n';

export const bagFiles = {
  declaration: 'bagit.txt',
  info: 'bag-info.txt',
  manifest: 'manifest-sha256.txt',
  tags: 'tagmanifest-sha256.txt',
} as const;

/** The two files by which a folder is known as one of ours, written before anything else. */
export async function startBag(root: string, target: string): Promise<void> {
  if (existsSync(`${root}/${bagFiles.declaration}`)) return;
  await openBag(root);
  await writeInfo(root, { target });
  await replaceFile(root, bagFiles.declaration, [declaration]);
}

/** Is there an archive of ours, and one that we can read? A newer one is left alone. */
export async function checkBag(root: string): Promise<void> {
  const info = await readFile(`${root}/${bagFiles.info}`, 'utf8').catch(() => '');
  const format = Number(/^Oxbow-Format: (\d+)/m.exec(info)?.[1] ?? Number.NaN);
  if (Number.isNaN(format))
    throw new StorageError(`The folder ${root} holds something else: it is not an archive of Oxbow.`);
  if (format > FORMAT) {
    throw new StorageError(
      `The archive ${root} has format ${format}; this version of Oxbow reads format ${FORMAT}. Please update Oxbow.`,
    );
  }
}

/** Takes the seal off, for good: a change must not outlive its removal. */
export async function openBag(root: string): Promise<void> {
  await rm(`${root}/${bagFiles.tags}`, { force: true });
  await syncFolder(root);
}

/** True when all that a bag consists of is there. */
/** Was an archive begun here? */
export const isArchive = (root: string): boolean => existsSync(`${root}/${bagFiles.declaration}`);

export const isClosed = (root: string): boolean =>
  Object.values(bagFiles).every((name) => existsSync(`${root}/${name}`));

/**
 * Lists the payload and seals the tag files: after this, `sha256sum -c` and any validator agree with us. The
 * sums of media are those made while downloading; only what is small is read again.
 */
export async function closeBag(root: string, target: string, payload: AsyncIterable<Payload>): Promise<void> {
  let [count, bytes] = [0, 0];
  async function* lines() {
    for await (const file of payload) {
      count++;
      bytes += file.bytes;
      yield `${file.sha256}  ${encodePath(file.path)}\n`;
    }
  }
  await mkdir(`${root}/data`, { recursive: true }); // a bag has a payload folder, be it empty
  await replaceFile(root, bagFiles.manifest, lines());
  await writeInfo(root, { target, oxum: `${bytes}.${count}` });
  const tagged = [bagFiles.declaration, bagFiles.info, bagFiles.manifest, names.manifest].filter((name) =>
    existsSync(`${root}/${name}`),
  );
  const sums = await Promise.all(
    tagged.map(async (name) => `${await sumOfFile(`${root}/${name}`)}  ${name}\n`),
  );
  await replaceFile(root, bagFiles.tags, sums);
}

async function writeInfo(root: string, { target, oxum }: { target: string; oxum?: string }): Promise<void> {
  const now = new Date().toISOString().slice(0, 10);
  await replaceFile(root, bagFiles.info, [
    `Bagging-Date: ${now}\n`,
    'Bag-Software-Agent: Oxbow\n',
    `External-Identifier: ${target.replace(/[\r\n]+/g, ' ')}\n`,
    ...(oxum ? [`Payload-Oxum: ${oxum}\n`] : []),
    `Oxbow-Format: ${FORMAT}\n`,
  ]);
}

/** BagIt asks for percent-encoding of these three in paths, and of nothing else. */
const encodePath = (path: string) => path.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');

/**
 * Written in the work folder, synced, then moved over the old one: readers see the one or the other, whole, and
 * a run that dies leaves nothing in an archive that is not its own.
 */
async function replaceFile(
  root: string,
  name: string,
  text: AsyncIterable<string> | Iterable<string>,
): Promise<void> {
  const draft = `${root}/${names.work}/${name}~`;
  await mkdir(`${root}/${names.work}`, { recursive: true });
  const file = await open(draft, 'w');
  try {
    await writeAll(file, text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, `${root}/${name}`);
  await syncFolder(root);
}

async function writeAll(file: FileHandle, text: AsyncIterable<string> | Iterable<string>): Promise<void> {
  let held = '';
  for await (const piece of text) {
    held += piece;
    if (held.length < 64 * 1024) continue;
    await file.writeFile(held);
    held = '';
  }
  await file.writeFile(held);
}
