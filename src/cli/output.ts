import { createWriteStream, openSync, type WriteStream } from 'node:fs';
import { sentence, UsageError } from '../errors.ts';
import type { Progress, Report } from '../progress.ts';
import { isPutOff } from '../reasons.ts';
import { isLost, Losses } from './closing.ts';
import { lines, silence, type View } from './screen.ts';
import { jsonLine, lineFor } from './telling.ts';

export interface OutputOptions {
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly json?: boolean;
  readonly writeLog?: string;
  readonly errorFile?: string;
}

/** Everything that a run tells, sent where the options want it. */
export interface Output {
  readonly report: Report;
  readonly losses: Losses;
  say(line: string): void;
  end(): Promise<void>;
}

export async function openOutput(options: OutputOptions): Promise<Output> {
  const { log, errors, close } = openFiles(options); // first: it may throw, and nothing is drawn yet
  const view = await chooseView(options);
  const losses = new Losses();
  const report = (event: Progress) => {
    losses.see(event);
    view.see(event);
    const isTold = options.quiet || (event.event === 'pause' && view.tellsPauses);
    const line = isTold ? undefined : lineFor(event, options.verbose === true);
    if (line !== undefined) view.say(line);
    const json = options.json || log ? jsonLine(event) : undefined;
    if (json !== undefined && options.json) process.stdout.write(json);
    if (json !== undefined) log?.write(json);
    if (event.event === 'item' && isLost(event.record) && !isPutOff(event.record.reason?.code))
      errors?.write(`${event.record.url}\n`);
  };
  return {
    report,
    losses,
    say: view.say,
    async end() {
      view.end();
      for (const { url } of losses.pending) errors?.write(`${url}\n`);
      await close();
    },
  };
}

async function chooseView({ quiet, json }: OutputOptions): Promise<View> {
  if (quiet) return silence;
  if (!process.stderr.isTTY || json) return lines(process.stderr);
  const { bars } = await import('./bars.ts');
  return bars(process.stderr as NodeJS.WriteStream);
}

/** The files that the options name, open for more; refused in one sentence before anything is begun. */
export function openFiles({ writeLog, errorFile }: OutputOptions) {
  const log = writeLog === undefined ? undefined : openFile(writeLog);
  const errors = errorFile === undefined ? undefined : openFile(errorFile);
  const close = async () => void (await Promise.all([log, errors].map(closeFile)));
  return { log, errors, close };
}

function openFile(path: string): WriteStream {
  const file = createWriteStream(path, { fd: descriptor(path) });
  // A full disk ends the log, not the run: that has a word of its own to say about the disk.
  file.on('error', (error) => process.stderr.write(`oxbow: Cannot write ${path} on: ${error.message}.\n`));
  return file;
}

function descriptor(path: string): number {
  try {
    return openSync(path, 'a');
  } catch (error) {
    throw new UsageError(`Cannot write to ${path}: ${sentence(error)}.`, { cause: error });
  }
}

const closeFile = (file: WriteStream | undefined) =>
  new Promise<void>((resolve) => (file ? file.end(() => resolve()) : resolve()));
