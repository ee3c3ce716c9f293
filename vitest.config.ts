import { configDefaults, defineConfig, type UserWorkspaceConfig } from 'vitest/config';

/** Tests of these folders leave nothing behind in their process, and share one: that saves a fifth of the time. */
const quiet = [
  'archive/**/*',
  'cli/**/*',
  'demo/**/*',
  'faults/*',
  'faults/archive/*',
  'pipeline/**/*',
  'sources/**/*',
  'vault/**/*',
  'verify/**/*',
  'crawl*',
  'library',
].map((name) => `test/${name}.test.ts`);

type TestOptions = NonNullable<UserWorkspaceConfig['test']>;

const shared = {
  setupFiles: ['test/helpers/warnings.ts'],
  pool: 'forks',
  testTimeout: 60_000,
} satisfies TestOptions;

export default defineConfig({
  test: {
    maxWorkers: 3, // on two cores: much of what tests do is waiting
    reporters: process.env.CI ? ['default', ['json', { outputFile: 'test-report.json' }]] : ['default'],
    projects: [
      { test: { ...shared, name: 'quiet', isolate: false, include: quiet } },
      {
        test: {
          ...shared,
          name: 'apart',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...quiet, 'test/faults/network/inside/**'], // network.test.ts runs them
        },
      },
    ],
  },
});
