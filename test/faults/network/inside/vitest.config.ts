import { defineConfig } from 'vitest/config';

/** The cases that need a network of their own: `test/faults/network.test.ts` runs them in one. */
export default defineConfig({
  test: {
    include: ['test/faults/network/inside/*.test.ts'],
    setupFiles: ['test/helpers/warnings.ts'],
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 60_000,
  },
});
