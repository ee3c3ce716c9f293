import { CsvError, parse } from 'csv-parse';
import { type Bytes, unpacked } from '../bytes.ts';

/** What a line says, by the names in the first line. */
export type Fields = Readonly<Partial<Record<string, string>>>;

/** No line of the table is as long as this; a quotation mark that is never closed would else take in all the rest. */
const longestRecord = 2 ** 20;
const mostColumns = 200;

/** The lines of a table, one at a time. What is behind a fault cannot be read: `tell` hears of it. */
export async function* rowsOf(bytes: Bytes, tell: (fault: string) => void): AsyncGenerator<Fields> {
  const parser = parse({
    bom: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: longestRecord,
  });
  let names: readonly string[] | undefined;
  try {
    for await (const record of unpacked(bytes, parser) as AsyncIterable<unknown>) {
      const cells = (record as string[]).slice(0, mostColumns);
      if (names) yield fieldsOf(names, cells);
      else names = cells.map((cell) => cell.trim());
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    tell(
      error.code === 'CSV_MAX_RECORD_SIZE'
        ? 'a line is longer than 1 MiB: what follows it is left out'
        : 'the end cannot be read',
    );
  }
}

const fieldsOf = (names: readonly string[], cells: readonly string[]): Fields =>
  Object.fromEntries(names.map((name, nth) => [name, cells[nth] ?? '']));
