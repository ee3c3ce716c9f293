import { createWriteStream, type WriteStream } from 'node:fs';
import { UsageError } from '../errors.ts';
import type { Progress, Report } from '../progress.ts';
import { Losses } from './closing.ts';
import { bars, lines, silence, type View } from './screen.ts';
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

export function openOutput(options: OutputOptions): Output {
  const view = chooseView(options);
  const losses = new Losses();
  const log = options.writeLog === undefined ? undefined : openFile(options.writeLog);
  const errors = options.errorFile === undefined ? undefined : openFile(options.errorFile);
  const report = (event: Progress) => {
    losses.see(event);
    view.see(event);
    const line = options.quiet ? undefined : lineFor(event, options.verbose === true);
    if (line !== undefined) view.say(line);
    const json = options.json || log ? jsonLine(event) : undefined;
    if (json !== undefined && options.json) process.stdout.write(json);
    if (json !== undefined) log?.write(json);
    if (event.event === 'item' && (event.record.status === 'missing' || event.record.status === 'failed'))
      errors?.write(`${event.record.url}\n`);
  };
  return {
    report,
    losses,
    say: view.say,
    async end() {
      view.end();
      await Promise.all([log, errors].map(closeFile));
    },
  };
}

function chooseView({ quiet, json }: OutputOptions): View {
  if (quiet) return silence;
  return process.stderr.isTTY && !json ? bars(process.stderr as NodeJS.WriteStream) : lines(process.stderr);
}

function openFile(path: string): WriteStream {
  const file = createWriteStream(path, { flags: 'a' });
  file.on('error', (error) => {
    throw new UsageError(`Cannot write ${path}: ${error.message}.`, { cause: error });
  });
  return file;
}

const closeFile = (file: WriteStream | undefined) =>
  new Promise<void>((resolve) => (file ? file.end(resolve) : resolve()));
