import { archive } from '../archiving.ts';
import type { UsageError } from '../errors.ts';
import type { Summary } from '../model.ts';
import type { GivenOptions } from '../options.ts';
import type { Progress } from '../progress.ts';
import { closing, type Losses } from './closing.ts';
import { Company } from './company.ts';
import { onInterrupt } from './interrupt.ts';
import { type OutputOptions, openOutput } from './output.ts';

interface Circumstances {
  /** The last screen of a run that came to its own end. */
  readonly lastScreen?: (summary: Summary, losses: Losses) => string[];
  readonly company?: Company;
}

/** One target, told as the flags want it; the exit code that it deserves. */
export async function archiveOne(
  target: string,
  flags: OutputOptions,
  given: GivenOptions,
  { lastScreen = closing, company = new Company() }: Circumstances = {},
): Promise<number> {
  const output = await openOutput(flags);
  const { stop, signal, exitCode, end } = onInterrupt(output.say);
  const hungUp = (error: NodeJS.ErrnoException) => error.code === 'EPIPE' && process.emit('SIGTERM');
  process.stdout.on('error', hungUp);
  const print = (lines: readonly string[]) => {
    if (!flags.json && !flags.quiet) process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  };
  let taken: UsageError | undefined;
  let balance: Summary | undefined;
  const report = (event: Progress) => {
    if (taken) return; // nothing came of it that could be told
    if (event.event === 'run') taken = company.claim(event);
    if (taken) return run.cancel();
    if (event.event === 'summary') balance = event;
    output.report(event);
  };
  const run = archive(target, { ...given, report, stop, signal });
  try {
    const summary = await run.finished;
    if (taken) throw taken;
    await output.end();
    print(exitCode() === undefined ? lastScreen(summary, output.losses) : closing(summary, output.losses));
    return exitCode() ?? summary.exitCode;
  } catch (error) {
    await output.end();
    if (balance) print(closing(balance, output.losses)); // the source broke midway: what came before is held
    if (!signal.aborted) throw taken ?? error;
    if (!flags.quiet) process.stderr.write('Stopped. Part files stay; the next run goes on from here.\n');
    return exitCode()!;
  } finally {
    company.interrupted ||= exitCode() !== undefined;
    end();
    process.stdout.off('error', hungUp);
  }
}
