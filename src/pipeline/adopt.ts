import { StorageError } from '../errors.ts';
import type { Report } from '../progress.ts';
import type { HandedFile, HandedFiles } from '../sources/source.ts';
import { join } from './join.ts';
import { metered } from './meter.ts';
import type { Fact } from './outcome.ts';
import { PartWriter } from './part-file.ts';
import { discardPart } from './remains.ts';
import type { Attempt, Transfer } from './transfer.ts';

/** The export has no such file. */
class NoFile extends Error {
  readonly code = 'ENOFILE';
}

/** Nobody is there who could hand anything over: what an earlier run listed lies in an export. */
class NoFiles extends Error {
  readonly code = 'ENOFILES';
}

export interface AdoptOptions {
  readonly filesizeMax: number;
  readonly report: Report;
}

/** A transfer to which the source itself hands over what has no address in the web. */
export function adopting(
  transfer: Transfer,
  files: HandedFiles | undefined,
  options: AdoptOptions,
): Transfer {
  return async (attempt) => {
    if (attempt.location.kind !== 'adopted') return transfer(attempt);
    const opened = await open(attempt, files);
    return 'fact' in opened ? opened : receive(attempt, opened, options);
  };
}

async function open(
  { location, signal }: Attempt,
  files: HandedFiles | undefined,
): Promise<HandedFile | Fact> {
  try {
    if (!files) throw new NoFiles('this target hands over no files');
    const opened = await files.open(location.url);
    if (!opened) throw new NoFile('the export has no such file');
    return opened;
  } catch (error) {
    signal.throwIfAborted();
    return { fact: 'error', during: 'head', error, gained: 0, resumed: false };
  }
}

/** By the same way as any body, into the same part file; there is nothing to go on with, for all of it is at hand. */
async function receive(attempt: Attempt, file: HandedFile, options: AdoptOptions): Promise<Fact> {
  const { part, location, signal } = attempt;
  const { body, bytes } = file;
  const { filesizeMax, report } = options;
  if (bytes > filesizeMax) {
    body.destroy();
    return { fact: 'too-large', bytes };
  }
  const writer = new PartWriter(part, { sidecar: undefined, maxBytes: filesizeMax });
  const meter = metered(attempt, body, { total: bytes, had: 0, report });
  const abort = () => void body.destroy(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    await join(body, [], writer);
  } catch (error) {
    if (error instanceof StorageError) throw error;
    signal.throwIfAborted();
    return { fact: 'error', during: 'body', error, gained: 0, resumed: false };
  } finally {
    signal.removeEventListener('abort', abort);
    meter.end();
  }
  if (writer.bytes !== bytes) {
    await discardPart(part);
    return { fact: 'length', announced: bytes, received: writer.bytes, gained: 0, resumed: false };
  }
  const { sha256, head } = writer;
  const came = {
    part,
    hasSidecar: false,
    bytes,
    sha256,
    head,
    from: location.url,
    memento: null,
    response: {},
  };
  return { fact: 'whole', download: came, resumed: false };
}
