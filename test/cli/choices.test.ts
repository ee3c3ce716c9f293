import { expect, test } from 'vitest';
import { choiceLines, sourceLines } from '../../src/cli/choices.ts';
import { sources } from '../../src/sources/index.ts';

test('every source is listed with what it takes, in lines that fit a terminal', () => {
  const lines = sourceLines({});
  for (const { name } of sources) expect(lines.some((line) => line.split(' ')[0] === name)).toBe(true);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(lines.slice(-2).join(' ')).toMatch(/oxbow sources\s+TARGET/);
});

test('as JSON, with the settings and the key of each', () => {
  const told = JSON.parse(sourceLines({ json: true })[0]!) as { name: string; key?: string }[];
  expect(told.map(({ name }) => name)).toEqual(sources.map(({ name }) => name));
  expect(told.find(({ name }) => name === 'tumblr')?.key).toBe('sources.tumblr.key');
});

test('of a target it is told which source takes it, why, and what can be set', async () => {
  const lines = await choiceLines('tumblr:fern', {}, {});
  expect(lines[0]).toBe('tumblr:fern is taken by the source tumblr: it begins with tumblr:.');
  expect(lines.join('\n')).toContain('sources.tumblr.limit: how many posts');
  const [line] = await choiceLines('package.json', {}, { json: true });
  expect(JSON.parse(line!)).toMatchObject({ chosen: { source: 'json', opens: 'package.json' } });
});
