import { Command } from 'commander';
import { expect, test } from 'vitest';
import { addOptions, givenOptions } from '../../src/cli/flags.ts';

const given = (...words: string[]) =>
  givenOptions(addOptions(new Command()).parse(words, { from: 'user' }).opts());

test('an option that takes a list grows with every mention', () => {
  expect(given('--memento', 'http://a.example', '--memento', 'http://b.example/x/')).toMatchObject({
    memento: ['http://a.example', 'http://b.example/x'],
  });
  expect(
    given('--cdx', 'http://a.example/cdx', '--cdx', 'http://b.example/cdx http://b.example/r'),
  ).toMatchObject({
    cdx: ['http://a.example/cdx', 'http://b.example/cdx http://b.example/r'],
  });
});

test('any other is replaced by the last mention', () => {
  expect(given('--wayback', 'http://a.example', '--wayback', 'http://b.example')).toMatchObject({
    wayback: 'http://b.example',
  });
  expect(given('--type', 'image', '--type', 'video,audio')).toMatchObject({ type: ['video', 'audio'] });
});
