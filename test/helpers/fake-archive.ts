import type { Capture } from '../../src/demo/captures.ts';
import { startWebArchive, type WebArchiveOptions } from '../../src/demo/web-archive.ts';
import { lend, type Running } from './fake-blog.ts';

/** A stand-in web archive that holds these captures, closed after the test. */
export async function withFakeArchive<T>(
  captures: readonly Capture[],
  options: WebArchiveOptions,
  test: (archive: Running) => Promise<T>,
): Promise<T> {
  return lend(await startWebArchive(captures, options), test);
}
