import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import type { Listing, Source } from '../../src/sources/source.ts';
import { contractChecks, type SuiteOptions, sourceChecks, writeExpected } from '../../src/suite/index.ts';

export { openFiles, pagesOf, postsOf, type TestContext, testContext } from '../../src/suite/index.ts';

/** The contract of a source, run over every case in a folder: a new source brings its cases and one call of this. */
export function testSource(source: Source, folder: string, options: SuiteOptions = {}): void {
  for (const { name, checks } of sourceChecks(source, folder, options))
    describe(`${source.name}: ${name}`, () => {
      const path = join(folder, name);
      if (!existsSync(join(path, 'expected.json')))
        it('has something that is expected of it', async () => {
          await writeExpected(source, path);
          throw new Error(
            `${path}/expected.json was not there: written as found; read it before you believe it`,
          );
        });
      for (const check of checks) it(check.name, () => check.run());
    });
}

/** What holds of every listing, wherever it comes from. */
export function testContract(open: () => Promise<Listing>): void {
  for (const { name, run } of contractChecks(open)) it(name, run);
}
