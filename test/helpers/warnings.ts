import { afterAll, expect } from 'vitest';

/** Any warning of the process (leaking listeners, deprecations) fails the file that caused it. */
const warnings: string[] = [];
process.on('warning', (warning) => warnings.push(`${warning.name}: ${warning.message}`));

afterAll(() => expect(warnings).toEqual([]));
