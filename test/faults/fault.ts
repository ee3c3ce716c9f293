import { expect, test } from 'vitest';
import type { RawServer } from '../helpers/raw-server.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';
import { atFullScale, Scene } from './scene.ts';

export { atFullScale };

/** What a case found out, for the table at the end. */
export interface Finding {
  readonly number: string;
  readonly injected: string;
  readonly outcome: string;
  /** MiB resident at most, over all runs of the case. */
  readonly peak: number;
}

declare module 'vitest' {
  interface TaskMeta {
    finding?: Finding;
  }
}

export interface Case extends Scene {
  /** What the servers themselves saw of the fault: a case without this proves nothing, and fails. */
  injected(seen: string, ...by: readonly RawServer[]): void;
  outcome(came: string): void;
}

/** One case of the list of faults, by its number and in its words; or several that one play proves, by all of theirs. */
export function fault(number: string, words: string, play: (scene: Case) => Promise<void>): void {
  test.concurrent(`${number} ${words}`, { timeout: atFullScale ? 300_000 : 60_000 }, ({ task }) =>
    withTempFolder(async (folder) => {
      const injected: string[] = [];
      const outcomes: string[] = [];
      const scene = Object.assign(new Scene(folder), {
        injected: (seen: string, ...by: readonly RawServer[]) => {
          injected.push(seen);
          for (const { heard } of by)
            expect(
              heard.some(({ said }) => said > 0),
              'it was answered',
            ).toBe(true);
        },
        outcome: (came: string) => void outcomes.push(came),
      });
      try {
        await play(scene);
        expect(injected, 'what proves that the fault was injected').not.toEqual([]);
      } finally {
        const both = { injected: injected.join('; '), outcome: outcomes.join('; ') };
        task.meta.finding = { number, ...both, peak: Math.ceil(scene.peak) };
        await scene.close();
      }
    }),
  );
}
