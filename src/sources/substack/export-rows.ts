import { CsvError, type Parser, parse } from 'csv-parse';
import type { Bytes } from '../bytes.ts';

/** What a line says, by the names in the first line. */
export type Fields = Readonly<Partial<Record<string, string>>>;

/** No line of the table is as long as this; a quotation mark that is never closed would else take in all the rest. */
const longestRecord = 2 ** 20;
const mostColumns = 200;

/** The lines of a table, one at a time. What is behind a fault cannot be read: `tell` hears of it. */
export async function* rowsOf(bytes: Bytes, tell: (fault: string) => void): AsyncGenerator<Fields> {
  const lines = new Lines();
  let names: readonly string[] | undefined;
  for await (const cells of lines.in(bytes)) {
    if (names) yield fieldsOf(names, cells);
    else names = cells.map((cell) => cell.trim());
  }
  if (lines.fault) tell(lines.fault);
}

/** The cells of each line. They are taken as soon as they are read, for a parser that fails forgets those before. */
class Lines {
  /** What ended them before their end. */
  fault: string | undefined;
  readonly #read: string[][] = [];
  readonly #parser: Parser;

  constructor() {
    this.#parser = parse({
      bom: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      max_record_size: longestRecord,
      on_record: (cells: string[]) => {
        this.#read.push(cells.slice(0, mostColumns));
        return null;
      },
    });
    this.#parser.on('error', (error) => {
      this.fault = faultOf(error);
    });
    this.#parser.resume();
  }

  async *in(bytes: Bytes): AsyncGenerator<readonly string[]> {
    try {
      for await (const chunk of bytes) {
        await new Promise((resolve) => this.#parser.write(chunk, resolve));
        yield* this.#read.splice(0);
        if (this.#parser.destroyed) return;
      }
      await new Promise((resolve) => this.#parser.once('close', resolve).end());
      yield* this.#read.splice(0);
    } finally {
      this.#parser.destroy();
    }
  }
}

const faultOf = (error: Error): string =>
  error instanceof CsvError && error.code === 'CSV_MAX_RECORD_SIZE'
    ? 'a line is longer than 1 MiB: what follows it is left out'
    : 'the end cannot be read';

const fieldsOf = (names: readonly string[], cells: readonly string[]): Fields =>
  Object.fromEntries(names.map((name, nth) => [name, cells[nth] ?? '']));
