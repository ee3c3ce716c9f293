import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const script = fileURLToPath(new URL('./run.mjs', import.meta.url));
const count = Number(process.env.OXBOW_FUZZ ?? 750);
/** Another one for each campaign, for the same inputs again find nothing new; it is told, and can be played again. */
const seed = process.env.OXBOW_FUZZ === undefined ? 7 : Date.now() % 1_000_000;

it(`mutated inputs, ${count.toLocaleString('en')} over all parsers, end without a crash, a hang or a leak (seed ${seed})`, {
  timeout: 60 * 60_000,
}, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [script, String(count), String(seed)]).catch(
    (failed: { stdout: string }) => failed,
  );
  const { inputs, failures, of, peak, slowest } = JSON.parse(stdout);
  expect(failures).toEqual([]);
  expect(inputs).toBe(count);
  if (process.env.OXBOW_FUZZ) console.log({ inputs, of, peak, slowest });
});
