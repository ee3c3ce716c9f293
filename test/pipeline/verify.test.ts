import { existsSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Verdict } from '../../src/model.ts';
import { verify } from '../../src/pipeline/verify.ts';
import { fetched, wanted } from '../helpers/parcels.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';

const accepted: Verdict = {
  accepted: true,
  type: 'image/jpeg',
  ext: 'jpg',
  kind: 'image',
  whole: 'structure',
};
const refused: Verdict = { accepted: false, reason: { code: 'placeholder', detail: 'known' } };

const never = () => undefined;

async function run(verdict: Verdict, least = 0) {
  return withTempFolder(async (dir) => {
    const part = join(dir, 'part');
    await writeFile(part, 'x'.repeat(100));
    await writeFile(`${part}.json`, '{}');
    const parcel = fetched(wanted(), { part, bytes: 100 });
    const end = await verify({
      judge: async () => verdict,
      unwanted: (_item, bytes) =>
        bytes < least ? { code: 'refused-filter', detail: `${bytes} bytes` } : undefined,
    })(parcel);
    return { parcel, end, left: await readdir(dir), isThere: existsSync(part) };
  });
}

test('what is accepted is kept, with its part and what it is', async () => {
  const { parcel, end, isThere } = await run(accepted);
  expect(end).toEqual({ ...parcel, state: 'kept', verdict: accepted });
  expect(isThere).toBe(true);
});

test('what is refused is lost with the reason, and its bytes go at once', async () => {
  const { end, left } = await run(refused);
  expect(end).toMatchObject({
    state: 'lost',
    reason: { code: 'placeholder' },
    tried: [{ where: 'live', outcome: 'placeholder' }],
  });
  expect(end).not.toHaveProperty('download');
  expect(left).toEqual([]);
});

test('what is sound but smaller than wanted is filtered, its bytes go, and its size is remembered', async () => {
  const { end, left } = await run(accepted, 101);
  expect(end).toMatchObject({
    state: 'filtered',
    bytes: 100,
    reason: { code: 'refused-filter', detail: '100 bytes' },
  });
  expect(left).toEqual([]);
});

test('of exactly the least size is kept', async () => {
  expect((await run(accepted, 100)).end.state).toBe('kept');
});

test('a judge that fails ends the run', async () => {
  await expect(
    verify({ judge: () => Promise.reject(new Error('no')), unwanted: never })(fetched(wanted())),
  ).rejects.toThrow('no');
});
