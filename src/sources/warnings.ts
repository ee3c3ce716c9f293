import type { Report } from '../progress.ts';

export interface Warnings {
  warn(message: string): void;
  /** The same of something that cannot be read and is left out: the run does not count as all well. */
  skip(message: string): void;
  /** Tells how many were kept back. */
  close(): void;
}

const most = 20;

/** A file with a million bad lines gives a few warnings and a count, not a million warnings. */
export function cappedWarnings(report: Report, what: string): Warnings {
  let met = 0;
  const warn = (message: string) => {
    met++;
    if (met <= most) report({ event: 'warning', message });
  };
  return {
    warn,
    skip(message) {
      report({ event: 'unread' });
      warn(message);
    },
    close() {
      if (met > most)
        report({
          event: 'warning',
          message: `${what}: ${(met - most).toLocaleString('en')} more warnings of this kind`,
        });
    },
  };
}
