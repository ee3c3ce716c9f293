import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withTempFolder } from '../helpers/temp-folder.ts';
import { filesWith, sumOf, unsoundness } from './sound.ts';

const bytes = Buffer.from('the very bytes');
const record = {
  item: 'one',
  status: 'kept',
  path: 'data/media/one.jpg',
  bytes: bytes.length,
  sha256: sumOf(bytes),
};

/** An archive of one kept file. */
const withArchive = (test: (archive: string) => void) =>
  withTempFolder(async (archive) => {
    mkdirSync(join(archive, 'data/media'), { recursive: true });
    writeFileSync(join(archive, 'manifest.jsonl'), `${JSON.stringify(record)}\n`);
    writeFileSync(join(archive, record.path), bytes);
    test(archive);
  });

describe('what is checked after every run of a case', () => {
  it('finds nothing wrong with a sound archive', () =>
    withArchive((archive) => expect(unsoundness(archive)).toEqual([])));

  it('finds bytes that are not those of the record, as long or not', () =>
    withArchive((archive) => {
      writeFileSync(join(archive, record.path), 'the vary bytes');
      expect(unsoundness(archive)).toEqual(['one: other bytes']);
      writeFileSync(join(archive, record.path), 'fewer');
      expect(unsoundness(archive)).toEqual(['one: other bytes']);
    }));

  it('finds a record without a file, and a file without a record', () =>
    withArchive((archive) => {
      writeFileSync(
        join(archive, 'manifest.jsonl'),
        `${JSON.stringify({ ...record, path: 'data/media/two.jpg' })}\n`,
      );
      const stray = join(archive, record.path);
      expect(unsoundness(archive)).toEqual(['one: no file', `${stray}: no record names it`]);
    }));

  it('finds a canary in any file, whatever its folder', () =>
    withArchive((archive) => {
      expect(filesWith(archive, 'very')).toEqual([join(archive, record.path)]);
      mkdirSync(join(archive, '.oxbow/parts'), { recursive: true });
      const part = join(archive, '.oxbow/parts/a.part');
      writeFileSync(part, Buffer.from('000102ff80', 'hex'));
      expect(filesWith(archive, Buffer.from('02ff80', 'hex'))).toEqual([part]);
    }));
});
