import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { inNamespace, wayIn } from '../helpers/namespace.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';
import { type Finding, fault } from './fault.ts';

/** The cases that need links, addresses or a resolver of their own. */
const cases = ['C02', 'C06', 'C07', 'C08', 'C11', 'X01', 'X02', 'X03', 'X04', 'X05', 'X06'];

/** What the run inside tells of one test. */
interface Told {
  readonly title: string;
  readonly status: string;
  readonly failureMessages: readonly string[];
  readonly meta: { readonly finding?: Finding };
}

interface Report {
  readonly testResults: readonly { readonly message: string; readonly assertionResults: readonly Told[] }[];
}

const inside = [
  'node_modules/vitest/vitest.mjs',
  'run',
  '--config',
  'test/faults/network/inside/vitest.config.ts',
];

const isRequired = (process.env.OXBOW_REQUIRE ?? '').split(',').includes('namespaces');
const way = wayIn();
if (way) await tellOfCasesInside(way);
else if (isRequired)
  test('a network of its own is permitted', () => expect.fail('namespaces are not permitted'));
else {
  process.stderr.write(`SKIPPED: ${cases.join(', ')}: this system permits no network namespaces\n`);
  test.skip('the cases that need a network of their own', () => undefined);
}

/** Runs those cases once, all together, and says here by name what each came to. */
async function tellOfCasesInside(way: readonly string[]): Promise<void> {
  const report = await runInside(way);
  const told = report.testResults.flatMap(({ assertionResults }) => assertionResults);
  const troubles = report.testResults.map(({ message }) => message).filter(Boolean);
  for (const { title, status, failureMessages, meta } of told) {
    const [number, ...words] = title.split(' ');
    fault(number!, words.join(' '), async (play) => {
      if (meta.finding?.injected) play.injected(meta.finding.injected);
      if (meta.finding?.outcome) play.outcome(meta.finding.outcome);
      play.peak = meta.finding?.peak ?? 0;
      if (status !== 'passed') expect.fail(failureMessages.join('\n') || status);
    });
  }
  test('every case that needs a network of its own was played', () => {
    expect(troubles).toEqual([]);
    expect(told.map(({ title }) => title.split(' ')[0]).sort()).toEqual(cases);
  });
}

async function runInside(way: readonly string[]): Promise<Report> {
  return withTempFolder(async (dir) => {
    const file = join(dir, 'report.json');
    const command = [process.execPath, ...inside, '--reporter=json', `--outputFile=${file}`];
    const code = await inNamespace(way, dir, command);
    if (!existsSync(file))
      throw new Error(`the run in a network of its own ended with ${code} and told nothing`);
    return JSON.parse(readFileSync(file, 'utf8')) as Report;
  });
}
