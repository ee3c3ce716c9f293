import { SourceError, UsageError } from '../../errors.ts';
import { quoted } from '../../shown.ts';
import { type Bytes, bodyOf, fileBytes, unzipped } from '../bytes.ts';
import { openParts, type Parts } from '../parts.ts';
import { DamagedFile } from '../source.ts';
import { kindOfEntry, readableFiles } from '../target.ts';
import { decodedHead } from '../text.ts';
import { isExportText, isZip, startOf } from './wxr-look.ts';

/** One of the files that make up an export. */
export interface WxrFile {
  /** As it stands in sentences. */
  readonly name: string;
  readonly bytes: () => Bytes;
  /** How its text begins. */
  readonly start: string;
}

export interface WxrFiles {
  readonly all: readonly WxrFile[];
  close(): Promise<void>;
}

/** Every file of a target; each can be read, and begins as an export does. */
export async function openFiles(target: string, signal: AbortSignal): Promise<WxrFiles> {
  const zips: Parts[] = [];
  const close = async () => void (await Promise.all(zips.map((parts) => parts.close())));
  try {
    const all: WxrFile[] = [];
    for (const file of await readableFiles(target)) {
      if (kindOfEntry(file) !== 'file') throw noPipe(file);
      const parts = (await isZipFile(file, signal)) ? await openParts(file, signal) : undefined;
      if (parts) zips.push(parts);
      all.push(...(parts ? await filesIn(parts, file) : [plainFile(file, signal)]));
    }
    return { all, close };
  } catch (error) {
    await close();
    throw error;
  }
}

const noPipe = (file: string): UsageError =>
  new UsageError(
    `${quoted(file)} is no file: an export is read more than once. Write it into a file, and name that.`,
  );

async function isZipFile(file: string, signal: AbortSignal): Promise<boolean> {
  for await (const chunk of fileBytes(file, signal, { from: 0, bytes: 4 })) return isZip(Buffer.from(chunk));
  return false;
}

function plainFile(file: string, signal: AbortSignal): WxrFile {
  const [name, start] = [quoted(file), startOf(file)];
  if (start.trim() === '') throw new SourceError(`${name} is empty, or its compression makes no sense.`);
  if (!isExportText(start))
    throw new SourceError(
      `${name} is no export of WordPress (WXR): it begins with ${quoted(start.trimStart(), 40)}.`,
    );
  return { name, start, bytes: () => unzipped(fileBytes(file, signal), name) };
}

const litter = /(?:^|\/)(?:__MACOSX\/|\.)/;

/** Other files may lie beside those of the export. */
async function filesIn({ all }: Parts, file: string): Promise<readonly WxrFile[]> {
  const byNumber = new Intl.Collator('en', { numeric: true });
  const found: WxrFile[] = [];
  for (const part of all)
    for (const name of [...part.names()].sort(byNumber.compare)) {
      if (!/\.xml$/i.test(name) || litter.test(name)) continue;
      const bytes = () => entryBytes(part, name);
      const start = await startIn(bytes());
      if (isExportText(start)) found.push({ name: quoted(`${file}/${name}`), bytes, start });
    }
  if (found.length === 0) throw new SourceError(`There is no export of WordPress (WXR) in ${quoted(file)}.`);
  return found;
}

async function* entryBytes(part: Parts['all'][number], name: string): AsyncGenerator<Uint8Array> {
  const opened = await part.open(name);
  if (!opened) throw new DamagedFile('it is not there any more');
  yield* bodyOf(opened.body);
}

/** Nothing of what is damaged from its beginning on. */
async function startIn(bytes: Bytes): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of bytes) {
      parts.push(chunk);
      length += chunk.length;
      if (length >= 65_536) break;
    }
  } catch (error) {
    if (!(error instanceof DamagedFile)) throw error;
  }
  return decodedHead(Buffer.concat(parts).subarray(0, 65_536));
}
