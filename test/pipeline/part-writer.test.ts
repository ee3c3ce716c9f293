import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { PartWriter } from '../../src/pipeline/part-file.ts';
import { readRemains, sumsOf, writeSidecar } from '../../src/pipeline/remains.ts';
import { photo } from '../helpers/media.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';

const url = 'http://blog.example/a.jpg';
const sidecar = { url, validator: '"v"', total: 900_000, type: 'image/jpeg' };
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** Cuts a body while it is being written; how much was there at that moment, and what is there afterwards. */
async function cutWhileWriting(part: string, body: Buffer): Promise<{ then: number; bytes: Buffer }> {
  const writer = new PartWriter(part, {
    sidecar: { ...sidecar, total: 2 ** 30 },
    maxBytes: 2 ** 30,
  });
  writer.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => writer.once('close', resolve));
  writer.write(body);
  while (!existsSync(part) || statSync(part).size === 0) await setImmediate();
  const then = statSync(part).size;
  writer.destroy(new Error('cut'));
  await closed;
  return { then, bytes: readFileSync(part) };
}

it('a body that is cut while its bytes are being written leaves each of them once', () =>
  withTempFolder(async (dir) => {
    const body = photo(1, 48 * 2 ** 20); // long enough to be under way when the cut comes
    let cuts = 0;
    for (let i = 0; cuts === 0 && i < 50; i++) {
      const { then, bytes } = await cutWhileWriting(join(dir, `${i}.part`), body);
      expect(bytes.equals(body)).toBe(true);
      if (then < body.length) cuts++; // else the write was over before anybody looked
    }
    expect(cuts).toBe(1);
  }));

it('goes on where the file ends, with the sum of all bytes', () =>
  withTempFolder(async (dir) => {
    const body = photo(2, 900_000);
    const part = join(dir, 'a.part');
    writeFileSync(part, body.subarray(0, 500_000));
    await writeSidecar(part, {
      ...sumsOf(url),
      ...sidecar,
      prefix: { bytes: 400_000, sha256: sha256(body.subarray(0, 400_000)) },
    });
    const from = (await readRemains(part, url))!;
    expect(from.size).toBe(400_000); // what was written after the last sync is not trusted
    const writer = new PartWriter(part, { from, sidecar, maxBytes: 2 ** 30 });
    writer.end(body.subarray(400_000));
    await once(writer, 'finish');
    expect(readFileSync(part).equals(body)).toBe(true);
    expect(writer.bytes).toBe(900_000);
    expect(writer.sha256).toBe(sha256(body));
    expect(writer.head.equals(body.subarray(0, 4100))).toBe(true);
  }));
