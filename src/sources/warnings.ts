import type { Report } from '../progress.ts';

export interface Warnings {
  warn(message: string): void;
  /** Tells how many were kept back. */
  close(): void;
}

const most = 20;

/** A file with a million bad lines gives a few warnings and a count, not a million warnings. */
export function cappedWarnings(report: Report, what: string): Warnings {
  let met = 0;
  return {
    warn(message) {
      met++;
      if (met <= most) report({ event: 'warning', message });
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
