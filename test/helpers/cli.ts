import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const root = fileURLToPath(new URL('../../', import.meta.url));

export interface Ran {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Circumstances {
  readonly cwd?: string;
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** A command that runs it. */
  readonly through?: readonly string[];
  /** Called with the process as soon as it runs. */
  readonly started?: (child: ChildProcess) => void;
  /** Called for each line on stdout. */
  readonly line?: (line: string, child: ChildProcess) => void;
}

/** Runs the command line as a process of its own, as built. */
export const oxbow = (words: readonly string[], given: Circumstances = {}): Promise<Ran> =>
  run(process.execPath, [main, ...words], given);

/** What `npm start --` runs. */
export const npmStart = (words: readonly string[], given: Circumstances = {}): Promise<Ran> =>
  run(process.execPath, [`${root}scripts/start.mjs`, ...words], given);

async function run(command: string, words: readonly string[], given: Circumstances): Promise<Ran> {
  const [first, ...others] = [...(given.through ?? []), command, ...words];
  const child = spawn(first!, others, { cwd: given.cwd, env: { ...process.env, ...given.env } });
  given.started?.(child);
  child.stdin.on('error', () => undefined); // a process that dies early need not read all
  child.stdin.end(given.input ?? '');
  let [stdout, stderr, rest] = ['', '', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    for (const line of lines) given.line?.(line, child);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { code, signal, stdout, stderr };
}
