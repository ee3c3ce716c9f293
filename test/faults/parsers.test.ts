import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { sources } from '../../src/sources/index.ts';
import { atFullScale, fault } from './fault.ts';

const script = fileURLToPath(new URL('../fuzz/hostile.mjs', import.meta.url));
const megabytes = atFullScale ? 50 : 3;
/** At 50 MB; a machine may be several times slower than another. */
const mostTime = 20_000;
const mostTimeOfItems = 200_000;

interface Result {
  readonly form: string;
  readonly source: string;
  readonly outcome: string;
  readonly ms: number;
}

/** A hundred thousand entries; a million take some five minutes: `node test/fuzz/hostile.mjs 50 items`. */
const sizeOf = (form: string): number => (atFullScale && form === 'items' ? 16 : megabytes);

async function played(
  form: string,
): Promise<{ readonly results: readonly Result[]; readonly grown: number }> {
  const { stdout } = await promisify(execFile)(process.execPath, [script, String(sizeOf(form)), form]);
  return JSON.parse(stdout);
}

/** Quick runs play all forms in one process. */
let all: ReturnType<typeof played> | undefined;
const playedOnce = (form: string) => {
  if (atFullScale) return played(form);
  all ??= played('all');
  return all;
};

const numbers: Readonly<Record<string, string>> = {
  line: 'G05 a single line of many megabytes',
  depth: 'G04 nesting 200,000 deep',
  references: 'G03 millions of character references',
  bomb: 'G05 a gzip that opens to hundreds of megabytes',
  utf16: 'G13 UTF-16',
  bytes: 'G13 bytes that are no text',
  nothing: 'G16 nothing at all',
  items: 'G05 a list of entries without end',
};

for (const [form, words] of Object.entries(numbers)) {
  const [, number = '', what = ''] = /^(\w+) (.*)$/.exec(words)!;
  fault(number, `${what}, to every source that has fixtures`, async (scene) => {
    const { results, grown } = await playedOnce(form);
    const own = results.filter((result) => result.form === form);
    const played = own.map(({ source }) => source);
    scene.injected(`${form} (${sizeOf(form)} MB) into what ${played.join(', ')} read`);
    expect(sources.filter(({ name }) => played.includes(name)).length).toBe(played.length);
    expect(played.length).toBeGreaterThanOrEqual(4);
    for (const { source, outcome, ms } of own) {
      expect(outcome, source).not.toContain('fault');
      expect(ms, source).toBeLessThan(form === 'items' ? mostTimeOfItems : mostTime);
    }
    expect(grown).toBeLessThan(300);
    scene.outcome(`${own.length} sources, at most ${grown} MiB more`);
  });
}
