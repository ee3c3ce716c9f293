import { describe, expect, test } from 'vitest';
import { type Capture, WebArchiveError } from '../../src/archive/capture.ts';
import { cdxArchive, parseLines } from '../../src/archive/cdx.ts';
import { allRows } from '../../src/archive/rows.ts';
import { parseRows, wayback } from '../../src/archive/wayback.ts';
import { behaves } from '../../src/demo/behaviours.ts';
import { questionsTo, withAsk, withFakeArchive } from '../helpers/fake-archive.ts';
import { withFakeBlog } from '../helpers/fake-blog.ts';

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

describe('an index of more rows than are asked for at once', () => {
  const url = 'http://blog.example/1.jpg';
  const timeOf = (n: number) => String(20_100_101_000_000 + n);
  /** Archived errors, and behind them a picture. */
  const types = (n: number) => [...Array.from({ length: n - 1 }, () => 'text/html'), 'image/jpeg'];
  const rowsOf = (n: number): Capture[] =>
    types(n).map((mimetype, i) => ({
      timestamp: timeOf(i),
      original: url,
      mimetype,
      statuscode: '200',
      digest: `D${i}`,
    }));
  const pageFrom = (rows: readonly Capture[], from = '') =>
    rows.filter(({ timestamp }) => timestamp >= from).slice(0, 1000);

  /** Pages of so many rows; `misbehave` may answer in place of the proper index. */
  async function reading(n: number, misbehave?: (from: string) => readonly Capture[]) {
    const asked: (string | undefined)[] = [];
    const found = await allRows(async (from) => {
      asked.push(from);
      return { captures: from && misbehave ? misbehave(from) : pageFrom(rowsOf(n), from) };
    });
    return { asked, found };
  }

  test.each([1, 999])('is asked once where it has but %i', async (n) => {
    const { asked, found } = await reading(n);
    expect(found).toEqual({ captures: rowsOf(n) });
    expect(asked).toEqual([undefined]);
  });

  test.each([1000, 1001, 2500])(
    'is asked on from the last of them: all %i are told, each once',
    async (n) => {
      const { asked, found } = await reading(n);
      expect(found).toEqual({ captures: rowsOf(n) });
      expect(asked).toHaveLength(1 + Math.floor(n / 1000));
    },
  );

  test('is asked five times at most, and has not told all', async () => {
    const { asked, found } = await reading(10_000);
    expect(asked).toHaveLength(5);
    expect(found.partial).toBe(`only ${found.captures.length} of its captures were told`);
  });

  test.each<[string, (from: string) => readonly Capture[]]>([
    ['always begins at its beginning', () => pageFrom(rowsOf(1500))],
    [
      'fails then',
      () => {
        throw new WebArchiveError('status 503');
      },
    ],
  ])('and that %s keeps what it told, and has not told all', async (_, misbehave) => {
    const { asked, found } = await reading(1500, misbehave);
    expect(asked).toHaveLength(2);
    expect(found).toEqual({
      captures: rowsOf(1500).slice(0, 1000),
      partial: 'only 1000 of its captures were told',
    });
  });

  test('does not hide an error of the run', async () => {
    const cut = () => {
      throw new Error('cut');
    };
    await expect(reading(1500, cut)).rejects.toThrow('cut');
  });

  test('tells the picture behind them, as the Internet Archive has it', () => {
    const held = rowsOf(1500).map(({ timestamp: time, mimetype: type, digest }) => ({
      url,
      time,
      type,
      digest,
      body: Buffer.from('x'),
    }));
    return withFakeArchive(held, {}, (archive) =>
      withAsk({}, async ({ ask }) => {
        const found = await wayback(archive.url).find(url, { date: null }, ask);
        expect(found).toEqual({ captures: rowsOf(1500) });
        expect(questionsTo(archive)).toHaveLength(2);
      }),
    );
  });

  test('tells the picture behind them, as pywb has it', () => {
    const index = behaves(({ request, response }) => {
      const from = new URL(request.url!, 'http://index').searchParams.get('from') ?? '';
      const lines = pageFrom(rowsOf(1500), from).map((row) => JSON.stringify(row));
      response.writeHead(200, { 'content-type': 'text/x-ndjson' }).end(lines.join('\n'));
    });
    return withFakeBlog({ '/cdx': index }, (archive) =>
      withAsk({}, async ({ ask }) => {
        const at = `${archive.url}/cdx`;
        const found = await cdxArchive('c', { index: at, replay: at }).find(url, { date: null }, ask);
        expect(found).toEqual({ captures: rowsOf(1500) });
        expect(archive.requests).toHaveLength(2);
      }),
    );
  });
});
