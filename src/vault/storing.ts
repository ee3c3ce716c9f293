import { OxbowError, StorageError, sentence, systemCode } from '../errors.ts';

/** Trouble with the disk, whoever met it, is told in one sentence and ends the run as such; bugs stay bugs. */
export async function storing<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof OxbowError || !isOfTheDisk(error)) throw error;
    throw new StorageError(`${what}: ${sentence(error)}.`, { cause: error });
  }
}

/** Node gives its own checks of paths codes like ERR_FS_EISDIR, and LMDB its errors a number. */
function isOfTheDisk(error: unknown): boolean {
  if (systemCode(error) !== undefined) return true;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'number' || (typeof code === 'string' && code.startsWith('ERR_FS_'));
}
