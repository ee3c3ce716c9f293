import { expect, it } from 'vitest';
import { lineFor, timeOf } from '../../src/cli/telling.ts';

const at = (day: number, hour: number) => new Date(2024, 1, day, hour, 5, 9);

it.each([
  ['today', at(28, 9), 'at 09:05:09'],
  ['tomorrow', at(29, 9), 'on 2024-02-29 at 09:05:09'],
  ['on the same day of the next month', new Date(2024, 2, 28, 9, 5, 9), 'on 2024-03-28 at 09:05:09'],
])('says when a quota comes back %s', (_when, then, told) => expect(timeOf(then, at(28, 7))).toBe(told));

it.each([true, false])('says in the line of a quota when listing goes on, waiting or not: %s', (waits) => {
  const resumes = new Date(Date.now() + 30 * 3_600_000);
  const line = lineFor({ event: 'quota', resumes: resumes.toISOString(), waits, why: 'Spent' }, false);
  expect(line).toContain(timeOf(resumes, new Date()));
  expect(line).toMatch(/ on \d{4}-\d\d-\d\d at \d\d:\d\d:\d\d/);
});
