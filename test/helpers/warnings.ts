import { afterAll, expect } from 'vitest';

/** Any warning of the process (leaking listeners, deprecations) fails the file that caused it. */
const warnings: string[] = [];
const note = (warning: Error) => warnings.push(`${warning.name}: ${warning.message}`);
process.on('warning', note);

afterAll(() => {
  process.off('warning', note); // files may share a process
  expect(warnings).toEqual([]);
});
