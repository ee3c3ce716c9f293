import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { StorageError } from '../../src/errors.ts';
import { LineFile } from '../../src/vault/lines.ts';
import { lineSum, readRecord, recordAt, scanRecords } from '../../src/vault/records.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';
import { numberedItem, recordOf } from '../helpers/vaults.ts';

const lineFor = (n: number, given = {}) => JSON.stringify(recordOf(numberedItem(n), given));

describe('reading records', () => {
  it('tells damage in the middle with its place, and uses all other lines (U05)', () =>
    withTempFolder(async (dir) => {
      const file = join(dir, 'manifest.jsonl');
      const bad = '{"v":1,"item":"demo:2","sta';
      writeFileSync(file, `${lineFor(1)}\n${bad}\n\n${lineFor(3)}\n`);
      const found = [...scanRecords(file)];
      const place = Buffer.byteLength(lineFor(1)) + 1;
      expect(found.map((line) => ('record' in line ? line.record.item : line.damage))).toEqual([
        'demo:1',
        `no record at byte ${place}`,
        'demo:3',
      ]);
      expect(found[1]).toMatchObject({ offset: place, end: place + bad.length + 1 });
    }));

  it.each(['[]', '{}', '{"item":5,"status":"kept"}', '{"item":"a"}', 'null', '\0\0'])(
    'takes no other line for a record: %s',
    (text) => {
      expect(readRecord(text)).toBeUndefined();
    },
  );

  it.each(['../../etc/passwd', '/etc/passwd', '', 5, null])(
    'takes no record whose file would lie elsewhere: %j',
    (path) => {
      expect(readRecord(lineFor(1, { status: 'kept', path }))).toBeUndefined();
      expect(readRecord(lineFor(1, { status: 'kept', path: 'data/media/x.jpg' }))).toBeDefined();
    },
  );

  it('keeps what it does not know, re-ordered as it may be (U03, U04)', () => {
    expect(readRecord('\ufeff{"status":"kept","later":{"x":1},"item":"a","v":1}\r')).toEqual({
      v: 1,
      item: 'a',
      status: 'kept',
      later: { x: 1 },
    });
  });

  it('ends the run at a record of a newer format, and says what to do (U01)', () => {
    expect(() => readRecord(lineFor(1, { v: 2 }))).toThrow(StorageError);
    expect(() => readRecord(lineFor(1, { v: 2 }))).toThrow(/format 2.*reads format 1.*update Oxbow/);
  });

  it('gives the record at an offset, and nothing where none begins', () =>
    withTempFolder(async (dir) => {
      const file = await LineFile.open(join(dir, 'manifest.jsonl'));
      const [, second] = await file.append([recordOf(numberedItem(1)), recordOf(numberedItem(2))]);
      expect(recordAt(file, second!)?.item).toBe('demo:2');
      for (const offset of [second! - 5, second! + 5, 1_000_000])
        expect(recordAt(file, offset)).toBeUndefined();
      await file.close();
    }));

  it('sums a line so that any change shows', () => {
    expect(lineSum('{"a":1}')).toBe(lineSum('{"a":1}'));
    expect(lineSum('{"a":1}')).not.toBe(lineSum('{"a":1} '));
  });
});
