import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of one's own, gone afterwards whatever happened in it. */
export async function withTempFolder<T>(work: (dir: string) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'oxbow-test-'));
  const remove = () => rm(dir, { recursive: true, force: true, maxRetries: 3 });
  const result = await work(dir).catch(async (error) => {
    await remove().catch(() => undefined); // what failed may still be writing: its own error tells more
    throw error;
  });
  await remove();
  return result;
}
