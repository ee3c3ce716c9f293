import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { UsageError } from '../errors.ts';

/** Where a secret is typed, or comes from another program. */
export type SecretInput = NodeJS.ReadableStream & { readonly isTTY?: boolean };

const LONGEST = 4096;

/** Somebody to be asked, if anybody sits there. */
export interface Question {
  readonly text: string;
  readonly say: (text: string) => void;
}

/** A line that is shown nowhere: typed at a terminal, in answer to a question, or the first one of a pipe. */
export async function secretLine(input: SecretInput, { text, say }: Question): Promise<string> {
  if (!input.isTTY) return firstLine(input);
  say(text);
  return typedLine(input).finally(() => say('\n')); // the one that was typed was not shown either
}

async function firstLine(input: SecretInput): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const given of input) {
    const chunk = Buffer.from(given as Uint8Array | string);
    const end = chunk.indexOf('\n');
    chunks.push(end < 0 ? chunk : chunk.subarray(0, end));
    size += chunks.at(-1)!.length;
    if (size > LONGEST) throw new UsageError('The first line of stdin is too long for a key.');
    if (end >= 0) break;
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The terminal echoes nothing while a line editor holds it, and the editor writes to nowhere. */
async function typedLine(input: SecretInput): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const editor = createInterface({ input, output: nowhere, terminal: true, historySize: 0 });
  let isInterrupted = false;
  editor.once('SIGINT', () => {
    isInterrupted = true;
    editor.close();
  });
  try {
    return await new Promise((resolve, reject) => {
      editor.once('line', resolve);
      editor.once('close', () => reject(new UsageError('No key was given.')));
    });
  } finally {
    editor.close();
    if (isInterrupted) process.kill(process.pid, 'SIGINT'); // as if the terminal had never been taken
  }
}
