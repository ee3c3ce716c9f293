import { type Behaviour, behaves } from '../../src/demo/behaviours.ts';
import { type Capture, type Row, rowOf, urlKey } from '../../src/demo/captures.ts';

/**
 * An index that can also be asked by prefix, page after page: the key of the next page stands behind an empty row.
 * Every other question goes to the proper one.
 */
export const answersPrefix =
  (captures: readonly Capture[]) =>
  (proper: Behaviour): Behaviour =>
    behaves((exchange) => {
      const { searchParams: asked } = new URL(exchange.request.url!, 'http://index');
      if (asked.get('matchType') !== 'prefix') return proper.answer(exchange);
      const text = JSON.stringify(table(captures, asked));
      exchange.response.writeHead(200, { 'content-type': 'application/json' }).end(text);
    });

const sortKey = (row: Row) => `${row.urlkey} ${row.timestamp}`;

function table(captures: readonly Capture[], asked: URLSearchParams): string[][] {
  const rows = found(captures, asked);
  const from = asked.get('resumeKey');
  const rest = from === null ? rows : rows.filter((row) => keyOf(row) > from);
  const some = rest.slice(0, Number(asked.get('limit') ?? rest.length));
  if (some.length === 0) return [];
  const fields = asked.get('fl')!.split(',');
  const lines = [fields, ...some.map((row) => fields.map((field) => row[field]!))];
  const hasMore = asked.get('showResumeKey') === 'true' && some.length < rest.length;
  return hasMore ? [...lines, [], [keyOf(some.at(-1)!)]] : lines;
}

/** As opaque as the real one, with letters that have to be encoded when it is sent back. */
const keyOf = (row: Row) => `${sortKey(row)}+&!`;

function found(captures: readonly Capture[], asked: URLSearchParams): readonly Row[] {
  const prefix = urlKey(asked.get('url')!);
  const [from, to] = [asked.get('from') ?? '', (asked.get('to') ?? '').padEnd(14, '9')];
  const rows = captures
    .map(rowOf)
    .filter(({ urlkey }) => urlkey!.startsWith(prefix))
    .filter(({ timestamp }) => timestamp! >= from && timestamp! <= to)
    .filter((row) => asked.getAll('filter').every((filter) => passes(filter, row)))
    .sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
  const field = asked.get('collapse');
  return field ? rows.filter((row, n) => row[field] !== rows[n - 1]?.[field]) : rows;
}

function passes(filter: string, row: Row): boolean {
  const [, field, pattern] = /^(\w+):(.*)$/s.exec(filter)!;
  return new RegExp(`^(?:${pattern})$`).test(row[field!]!);
}

/** The capture of a web page. */
export const webPage = (url: string, time: string, html: string, more: Partial<Capture> = {}): Capture => ({
  url,
  time,
  body: Buffer.from(html),
  type: 'text/html; charset=utf-8',
  ...more,
});
