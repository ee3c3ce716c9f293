import { realpathSync } from 'node:fs';
import { UsageError } from '../errors.ts';
import type { Progress } from '../progress.ts';

/** What the targets of one command line must know of each other: an archive belongs to one of them. */
export class Company {
  /** A signal came: the other targets are not begun. */
  interrupted = false;
  readonly #owners = new Map<string, string>();

  /** Takes the archive of a run that begins; refused if an earlier target has it. */
  claim({ path, target }: Extract<Progress, { event: 'run' }>): UsageError | undefined {
    const archive = realpathSync.native(path); // two names of one folder are one folder
    const owner = this.#owners.get(archive);
    if (owner === undefined) {
      this.#owners.set(archive, target);
      return undefined;
    }
    return new UsageError(
      `'${target}' would end in ${path}, which is the archive of '${owner}' already; archive it by itself with -D DIR or another -d DIR.`,
    );
  }
}
