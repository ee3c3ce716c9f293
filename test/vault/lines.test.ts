import { closeSync, existsSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { StorageError } from '../../src/errors.ts';
import { LineFile, lineOf, mendTail, parseLine, readLineAt, scanLines } from '../../src/vault/lines.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';

describe('scanning lines', () => {
  it('gives each whole line with where it begins and ends, and leaves out what has no end', () =>
    withTempFolder(async (dir) => {
      const file = join(dir, 'lines');
      writeFileSync(file, 'one\n\nzwölf\ntorn');
      expect([...scanLines(file)]).toEqual([
        { text: 'one', offset: 0, end: 4 },
        { text: '', offset: 4, end: 5 },
        { text: 'zwölf', offset: 5, end: 12 },
      ]);
      expect([...scanLines(file, 5)].map(({ text }) => text)).toEqual(['zwölf']);
      expect([...scanLines(file, 100)]).toEqual([]);
    }));

  it('joins lines that are longer than one read, and characters cut by its border', () =>
    withTempFolder(async (dir) => {
      const file = join(dir, 'lines');
      const long = ['語'.repeat(200_000), 'x'.repeat(262_143), 'é', '語'.repeat(100_000)];
      writeFileSync(file, `${long.join('\n')}\n`);
      const found = [...scanLines(file)];
      expect(found.map(({ text }) => text)).toEqual(long);
      for (const { text, offset } of found) expect(lineOf(file, offset)).toBe(text);
    }));

  it('closes the file when the reader stops early', () =>
    withTempFolder(async (dir) => {
      const file = join(dir, 'lines');
      writeFileSync(file, 'a\nb\n');
      const before = readdirSync('/proc/self/fd').length;
      for (const { text } of scanLines(file)) if (text === 'a') break;
      expect(readdirSync('/proc/self/fd').length).toBe(before);
    }));
});

describe('the line at an offset', () => {
  it('is nothing where no line begins: beyond the end, without an end, or at no proper number', () =>
    withTempFolder(async (dir) => {
      const file = join(dir, 'lines');
      writeFileSync(file, 'one\ntwo');
      const fd = openSync(file, 'r');
      expect(readLineAt(fd, 0)).toBe('one');
      for (const offset of [4, 7, 1000, -1, 0.5, Number.NaN, 2 ** 60])
        expect(readLineAt(fd, offset)).toBeUndefined();
      closeSync(fd);
    }));
});

describe('parsing a line', () => {
  it.each(['', '{"a":', '5', '"x"', 'null', '\0\0\0'])('gives nothing for %j', (text) => {
    expect(parseLine(text)).toBeUndefined();
  });

  it.each(['{"a":1}', '\ufeff{"a":1}', '{"a":1}\r', '  {"a":1}  '])(
    'reads what foreign hands left: %j (U04)',
    (text) => {
      expect(parseLine(text)).toEqual({ a: 1 });
    },
  );
});

describe('mending a torn tail', () => {
  it('sets aside exactly what stands after the last line end, and says how much', () =>
    withTempFolder(async (dir) => {
      const [file, aside] = [join(dir, 'lines'), join(dir, 'torn')];
      writeFileSync(file, 'one\ntwo\nthr');
      expect(await mendTail(file, aside)).toBe(3);
      expect(readFileSync(file, 'utf8')).toBe('one\ntwo\n');
      expect(readFileSync(join(aside, 'lines-8'), 'utf8')).toBe('thr');
    }));

  it.each(['', 'one\n', 'one\ntwo\n'])('leaves whole lines alone: %j', (text) =>
    withTempFolder(async (dir) => {
      const file = join(dir, 'lines');
      writeFileSync(file, text);
      expect(await mendTail(file, join(dir, 'torn'))).toBe(0);
      expect(readFileSync(file, 'utf8')).toBe(text);
      expect(existsSync(join(dir, 'torn'))).toBe(false);
    }),
  );

  it.each([1, 4095, 4096, 4097, 70_000])('finds the last line end before %i NUL bytes (D07)', (count) =>
    withTempFolder(async (dir) => {
      const file = join(dir, 'lines');
      writeFileSync(file, Buffer.concat([Buffer.from('one\n'), Buffer.alloc(count)]));
      expect(await mendTail(file, join(dir, 'torn'))).toBe(count);
      expect(readFileSync(file, 'utf8')).toBe('one\n');
    }),
  );

  it('empties a file that holds nothing but a torn line', () =>
    withTempFolder(async (dir) => {
      const file = join(dir, 'lines');
      writeFileSync(file, 'x'.repeat(9000));
      expect(await mendTail(file, join(dir, 'torn'))).toBe(9000);
      expect(readFileSync(file, 'utf8')).toBe('');
    }));
});

describe('a file of lines', () => {
  it('appends after what is there and says where each line begins', () =>
    withTempFolder(async (dir) => {
      const path = join(dir, 'new', 'folder', 'lines');
      const first = await LineFile.open(path);
      expect(await first.append([{ a: 'é' }, { b: 2 }])).toEqual([0, 11]);
      await first.close();
      const file = await LineFile.open(path);
      expect(file.size).toBe(19);
      expect(await file.append([{ c: 3 }])).toEqual([19]);
      await file.sync();
      expect(file.readAt(11)).toBe('{"b":2}');
      expect(readFileSync(path, 'utf8')).toBe('{"a":"é"}\n{"b":2}\n{"c":3}\n');
      await file.close();
    }));

  it('keeps one event on one line, whatever the text (F05)', () =>
    withTempFolder(async (dir) => {
      const file = await LineFile.open(join(dir, 'lines'));
      const values = ['a\nb\r\n', '\u2028\u2029', '\x1b[2J\x07', '\ud800', '</script>'].map((text) => ({
        text,
      }));
      const offsets = await file.append(values);
      expect([...scanLines(file.path)].map(({ text }) => parseLine(text))).toEqual(values);
      for (const [i, offset] of offsets.entries()) expect(parseLine(file.readAt(offset)!)).toEqual(values[i]);
      await file.close();
    }));

  it('says in one error that it cannot be written, and where', () =>
    withTempFolder(async (dir) => {
      const file = await LineFile.open(join(dir, 'lines'));
      await file.close();
      const failing = file.append([{ a: 1 }]);
      await expect(failing).rejects.toThrow(StorageError);
      await expect(failing).rejects.toThrow(`Cannot write ${join(dir, 'lines')}`);
      expect(readFileSync(file.path, 'utf8')).toBe('');
    }));
});
