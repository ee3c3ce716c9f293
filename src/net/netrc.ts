import { UsageError } from '../errors.ts';

export interface NetrcEntry {
  /** null: the entry for all hosts that no other names. */
  readonly machine: string | null;
  readonly login: string;
  readonly password: string;
}

/** Reads a netrc file. Its words are never repeated in a message, for any of them may be a password. */
export function readNetrc(text: string, file: string): readonly NetrcEntry[] {
  const entries: { machine: string | null; login: string; password: string }[] = [];
  const words = wordsOf(text, file);
  for (let word = words.next(); !word.done; word = words.next()) {
    const { line, text: keyword } = word.value;
    const value = () => {
      const next = words.next();
      if (next.done) throw faulty(file, line, `'${keyword}' has no value`);
      return next.value.text;
    };
    if (keyword === 'default') entries.push({ machine: null, login: '', password: '' });
    else if (keyword === 'machine') entries.push({ machine: value().toLowerCase(), login: '', password: '' });
    else if (keyword === 'account') value();
    else if (keyword === 'login' || keyword === 'password') {
      const entry = entries.at(-1);
      if (!entry) throw faulty(file, line, `'${keyword}' stands before any 'machine'`);
      entry[keyword] = value();
    } else throw faulty(file, line, 'there is a word that no netrc file knows');
  }
  return entries.filter(({ login }) => login !== '');
}

interface Word {
  readonly text: string;
  readonly line: number;
}

const word = /"((?:[^"\\]|\\.)*)"(?=\s|$)|([^\s"]\S*)/y;

function* wordsOf(text: string, file: string): Generator<Word, undefined> {
  let isValue = false; // a password may look like a keyword, or like a comment
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  for (const [i, content] of withoutMacros(lines).entries()) {
    for (let at = skip(content, 0); at < content.length; at = skip(content, word.lastIndex)) {
      word.lastIndex = at;
      const [, quoted, bare] = word.exec(content) ?? [];
      const found = quoted === undefined ? bare : unquoted(quoted);
      if (found === undefined) throw faulty(file, i + 1, 'a quotation has no end');
      if (!isValue && bare?.startsWith('#')) break;
      isValue = !isValue && bare !== 'default';
      yield { text: found, line: i + 1 };
    }
  }
}

/** A macro goes on until an empty line; it is for another kind of client. */
function withoutMacros(lines: readonly string[]): readonly string[] {
  let isMacro = false;
  return lines.map((line) => {
    isMacro = (isMacro && line.trim() !== '') || /^\s*macdef(\s|$)/.test(line);
    return isMacro ? '' : line;
  });
}

const skip = (content: string, from: number) => from + content.slice(from).search(/\S|$/);

const escapes: Record<string, string> = { n: '\n', r: '\r', t: '\t' };
const unquoted = (text: string) => text.replace(/\\(.)/g, (_whole, sign: string) => escapes[sign] ?? sign);

const faulty = (file: string, line: number, what: string) =>
  new UsageError(`${file}, line ${line}: ${what}.`);
