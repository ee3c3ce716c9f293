import type { Reporter, TestModule } from 'vitest/node';
import type { Finding } from './fault.ts';

const widths = { number: 4, injected: 45, outcome: 30, peak: 4 };

/** At the end of a run: each case with what was injected, what came of it, and whether that was right. */
export default class Table implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const rows = modules
      .flatMap((module) => [...module.children.allTests()])
      .flatMap((test) => {
        const { finding } = test.meta() as { finding?: Finding };
        if (!finding) return [];
        const { state, errors } = test.result();
        const why = errors?.[0]?.message.split('\n', 1)[0] ?? '';
        const row =
          state === 'passed'
            ? { ...finding, verdict: 'ok' }
            : { ...finding, outcome: why, verdict: 'FAILED' };
        return finding.number.split(' ').map((number) => ({ ...row, number }));
      })
      .sort((a, b) => a.number.localeCompare(b.number));
    if (rows.length === 0) return;
    const line = (number: string, injected: string, outcome: string, peak: string, verdict: string) =>
      [
        number.padEnd(widths.number),
        cell(injected, widths.injected),
        cell(outcome, widths.outcome),
        peak.padStart(widths.peak),
        verdict,
      ].join('  ');
    const good = rows.filter(({ verdict }) => verdict === 'ok').length;
    const table = [
      line('case', 'injected', 'outcome', 'MiB', 'verdict'),
      ...rows.map((row) => line(row.number, row.injected, row.outcome, String(row.peak), row.verdict)),
      `${good} of ${rows.length} cases`,
    ];
    process.stdout.write(`\n${table.join('\n')}\n`);
  }
}

const cell = (text: string, width: number): string =>
  (text.length > width ? `${text.slice(0, width - 1)}…` : text).padEnd(width);
