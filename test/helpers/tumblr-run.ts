import type { FakePost, FakeTumblr } from './fake-tumblr.ts';

/** Posts a minute apart, numbered from `first` on. */
export const postsFrom = (first: number, count: number): FakePost[] =>
  Array.from({ length: count }, (_, n) => ({
    id: `71234567890${String(first + n).padStart(7, '0')}`,
    timestamp: 1_500_000_000 + (first + n) * 60,
  }));

/** What a person would type to archive the stand-in, and what keeps a test from waiting. */
export const wordsFor = ({ api, key }: FakeTumblr, root: string, ...more: readonly string[]): string[] => [
  'archive',
  'tumblr:fern',
  ...['-D', root, '--json', '--allow-private', '--no-recovery', '--rate', 'unlimited'],
  ...['-o', `sources.tumblr.api=${api}`, '-o', `sources.tumblr.key=${key}`],
  ...more,
];
