import { describe, expect, test } from 'vitest';
import { parseLines } from '../../src/archive/cdx.ts';
import { parseRows } from '../../src/archive/wayback.ts';

const head = ['timestamp', 'original', 'mimetype', 'statuscode', 'digest'];
const row = ['20190531000000', 'http://blog.example/1.jpg', 'image/jpeg', '200', 'ABC'];
const parsed = { timestamp: row[0], original: row[1], mimetype: row[2], statuscode: row[3], digest: row[4] };

describe('the table of an index', () => {
  test.each<[string, string, unknown]>([
    ['nothing at all', '[]\n', []],
    ['names alone', JSON.stringify([head]), []],
    ['rows', JSON.stringify([head, row]), [parsed]],
    [
      'columns in another order, and further ones',
      JSON.stringify([
        ['length', ...head.toReversed()],
        ['5', ...row.toReversed()],
      ]),
      [parsed],
    ],
    [
      'a revisit, which has no status',
      JSON.stringify([head, row.with(3, '-')]),
      [{ ...parsed, statuscode: '-' }],
    ],
    ['a digest with a label, in small letters', JSON.stringify([head, row.with(4, 'sha1:abc')]), [parsed]],
  ])('%s', (_, text, expected) => {
    expect(parseRows(text)).toEqual(expected);
  });

  test.each([
    ['an empty text', ''],
    ['a page', '<html>Busy</html>'],
    ['a cut answer', JSON.stringify([head, row]).slice(0, -5)],
    ['an object', '{"error":"busy"}'],
    ['a number', '5'],
    ['null', 'null'],
    ['rows that are none', '[1,2]'],
    ['cells that are no text', JSON.stringify([head, [1, 2, 3, 4, 5]])],
    ['a row too short', JSON.stringify([head, row.slice(1)])],
    ['a missing column', JSON.stringify([head.slice(1), row.slice(1)])],
    ['rows without names', JSON.stringify([row])],
    ['a row without a time', JSON.stringify([head, row.with(0, '-')])],
    ['a row without an address', JSON.stringify([head, row.with(1, '-')])],
  ])('%s is no index, hence no proof of absence', (_, text) => {
    expect(parseRows(text)).toBeUndefined();
  });
});

describe('the lines of an index', () => {
  const line = {
    urlkey: 'example,blog)/1.jpg',
    timestamp: '20190531000000',
    url: 'http://blog.example/1.jpg',
    mime: 'image/jpeg',
    status: '200',
    digest: 'sha1:abc',
  };
  const { timestamp, urlkey, ...rest } = line;

  test.each<[string, string, unknown]>([
    ['are JSON, a line each', `${JSON.stringify(line)}\n${JSON.stringify(line)}\n`, [parsed, parsed]],
    ['are JSON after key and time', `${urlkey} ${timestamp} ${JSON.stringify(rest)}\n`, [parsed]],
    ['may end in any way', `${JSON.stringify(line)}\r\n`, [parsed]],
    ['may have a number for a status', JSON.stringify({ ...line, status: 200 }), [parsed]],
    [
      'may say less',
      JSON.stringify({ timestamp, url: line.url }),
      [{ ...parsed, mimetype: '-', statuscode: '-', digest: '-' }],
    ],
    ['may be none', '', []],
  ])('%s', (_, text, expected) => {
    expect(parseLines(text)).toEqual(expected);
  });

  test.each([
    ['a page', '<html>Busy</html>'],
    ['a cut line', JSON.stringify(line).slice(0, -4)],
    ['a list', '["a","b"]'],
    ['a line without a time', JSON.stringify({ ...line, timestamp: undefined })],
    ['a line without an address', JSON.stringify({ ...line, url: '-' })],
    ['a good line and a bad one', `${JSON.stringify(line)}\nnull`],
    ['a time that leads elsewhere', JSON.stringify({ ...line, timestamp: '../../x' })],
  ])('%s is no index, hence no proof of absence', (_, text) => {
    expect(parseLines(text)).toBeUndefined();
  });
});
