import { type Behaviour, behaves } from './behaviours.ts';
import { type Capture, filed, type Row, rowOf } from './captures.ts';

const publicFields = ['urlkey', 'timestamp', 'original', 'mimetype', 'statuscode', 'digest', 'length'];

/** The index of the stand-in web archive: which captures there are of one address. */
export function answersIndex(captures: readonly Capture[]): Behaviour {
  const of = filed(captures);
  return behaves(({ request, response }) => {
    const { searchParams: asked } = new URL(request.url!, 'http://index');
    const url = asked.get('url');
    const type = asked.get('output') === 'json' ? 'application/json' : 'text/plain';
    if (url === null) {
      response.writeHead(400, { 'content-type': 'text/plain' }).end('no url was given\n');
      return;
    }
    const fields = asked.get('fl')?.split(',') ?? publicFields;
    const table = select(of(url), asked).map((row) => fields.map((field) => row[field] ?? '-'));
    const text = type === 'text/plain' ? plain(table) : json(fields, table);
    response.writeHead(200, { 'content-type': type, 'content-length': Buffer.byteLength(text) }).end(text);
  });
}

const plain = (table: readonly string[][]) => table.map((row) => `${row.join(' ')}\n`).join('');

/** Row 0 names the fields; where nothing was found there is no row 0 either. */
const json = (fields: readonly string[], table: readonly string[][]) =>
  `${JSON.stringify(table.length === 0 ? [] : [fields, ...table])}\n`;

function select(captures: readonly Capture[], asked: URLSearchParams): readonly Row[] {
  const from = asked.get('from') ?? '';
  const to = (asked.get('to') ?? '').padEnd(14, '9');
  const rows = captures
    .map(rowOf)
    .filter(({ timestamp }) => timestamp! >= from && timestamp! <= to)
    .filter((row) => asked.getAll('filter').every((filter) => passes(filter, row)))
    .sort((a, b) => Number(a.timestamp) - Number(b.timestamp));
  return limited(collapsed(rows, asked.get('collapse')), asked.get('limit'));
}

/** `[!]field:pattern`; the pattern has to fit the whole field. */
function passes(filter: string, row: Row): boolean {
  const [, not, field, pattern] = /^(!?)(\w+):(.*)$/s.exec(filter) ?? [];
  if (field === undefined) return true;
  return new RegExp(`^(?:${pattern})$`).test(row[field] ?? '-') !== (not === '!');
}

/** Of neighbours that agree in a field, or in its first letters, the first alone. */
function collapsed(rows: readonly Row[], rule: string | null): readonly Row[] {
  const [field, letters] = (rule ?? '').split(':');
  if (!field) return rows;
  const part = (row: Row | undefined) => row?.[field]?.slice(0, letters ? Number(letters) : undefined);
  return rows.filter((row, i) => i === 0 || part(row) !== part(rows[i - 1]));
}

/** A negative limit means the last ones. */
function limited(rows: readonly Row[], limit: string | null): readonly Row[] {
  const n = Number(limit ?? 0);
  if (n === 0) return rows;
  return n > 0 ? rows.slice(0, n) : rows.slice(n);
}
