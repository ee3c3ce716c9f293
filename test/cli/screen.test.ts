import { describe, expect, it } from 'vitest';
import { closing, Losses } from '../../src/cli/closing.ts';
import { activeLines, lines, overall, waitingLines } from '../../src/cli/screen.ts';
import { duration, printable, shorten, size, wrapped } from '../../src/cli/words.ts';
import type { MediaRecord, ReasonCode, Summary } from '../../src/model.ts';
import { Tracker } from '../../src/tracker.ts';

/** A run in the middle of it: much listed, four downloads, a host that rests, something lost. */
function busy(): Tracker {
  let now = performance.now() - 20_000;
  const tracker = new Tracker(() => now);
  tracker.see({ event: 'listed', listed: 123_456, done: true });
  for (let i = 0; i < 4; i++) {
    const url = `http://blog.example/a/very-long-name-of-a-picture-of-a-heron-in-the-reeds-${i}.jpg`;
    tracker.see({ event: 'started', item: `i${i}`, url, total: i === 3 ? null : 10_000_000, had: 0 });
    tracker.see({ event: 'bytes', item: `i${i}`, url, bytes: 4_000_000 });
  }
  now += 20_000;
  tracker.see({ event: 'pause', host: 'media.blog.example', ms: 30_000, why: 'status 429' });
  tracker.see({ event: 'recover', item: 'x', place: 'wayback' });
  return tracker;
}

describe('the lines on a terminal', () => {
  it.each([30, 40, 79, 120, 199])('never wrap at %i columns', (width) => {
    const tracker = busy();
    const drawn = [overall(tracker, width), ...activeLines(tracker, width), ...waitingLines(tracker, width)];
    expect(drawn).toHaveLength(1 + 4 + 2);
    for (const line of drawn) expect(line.length).toBeLessThanOrEqual(width);
  });

  it('tell what is done, how fast it goes, who waits and what is looked for elsewhere', () => {
    const tracker = busy();
    expect(overall(tracker, 79)).toMatch(/^ 0\/123456 ░+ {2}16\.0 MB {2}800 kB\/s$/);
    expect(waitingLines(tracker, 79)).toEqual([
      '  media.blog.example rests: 30 s (status 429)',
      '  looking elsewhere for 1 lost',
    ]);
  });
});

it('without a terminal a plain line comes now and then, and at once when somebody asks us to wait', () => {
  let out = '';
  const view = lines({ write: (text) => (out += text) }, 0);
  view.see({ event: 'listed', listed: 7, done: false });
  view.see({ event: 'pause', host: 'blog.example', ms: 2000, why: 'status 503' });
  expect(out).toContain('0 of 7 settled');
  expect(out).toContain('blog.example rests for 2 s (status 503)');
});

describe('the last screen', () => {
  const summary: Summary = {
    ...{
      listed: 100,
      kept: 40,
      recovered: 5,
      duplicate: 5,
      recalled: 20,
      missing: 10,
      failed: 10,
      filtered: 5,
    },
    ...{
      open: 5,
      unread: 2,
      gone: 0,
      reduced: 0,
      suspects: 0,
      posts: 50,
      newPosts: 50,
      editedPosts: 3,
      gonePosts: 0,
      postsStated: null,
      postsHeld: null,
      notUnderstood: 0,
      bytes: 1_234_567,
      requests: 130,
      seconds: 61,
      balanced: true,
      exitCode: 1,
      path: '/a',
    },
  };
  const lost = (code: ReasonCode): MediaRecord =>
    ({ status: 'failed', reason: { code, detail: '' } }) as MediaRecord;

  it('has at most 15 lines, whatever happened', () => {
    const losses = new Losses();
    for (const code of ['gone', 'timeout', 'dns', 'tls', 'connect', 'placeholder'] as const)
      losses.add(lost(code));
    for (const suspects of [0, 1, 12]) {
      const last = closing({ ...summary, suspects }, losses);
      expect(last.length).toBeLessThanOrEqual(15);
      expect(last.join('\n')).toContain('for other reasons');
    }
    const ofPosts = { gonePosts: 2, postsStated: 60, postsHeld: 50, notUnderstood: 3, reduced: 4 };
    const fullest = closing({ ...summary, ...ofPosts, suspects: 3 }, losses);
    expect(fullest.length).toBeLessThanOrEqual(15);
    expect(fullest.join('\n')).not.toMatch(/not held:|for other reasons/); // they would not fit
    expect(fullest.at(-1)).toBe('why:     oxbow status /a --missing');
    const last = closing({ ...summary, suspects: 3, reduced: 4 }, losses);
    expect(last).toContain('4 kept as listed may exist larger: a later run asks');
    expect(last).toContain('3 files look like placeholders: oxbow status /a --suspects');
    expect(last[0]).toContain('50 posts (3 edited, 2 left out), 100 media items');
  });

  it.each([
    [1, '1 post is gone from the blog, and stays here'],
    [2, '2 posts are gone from the blog, and stay here'],
  ])('says of %i gone posts that what is held stays', (gonePosts, line) =>
    expect(closing({ ...summary, gonePosts }, new Losses())).toContain(line),
  );

  it('says how to prove the archive when nothing is missing', () => {
    const last = closing({ ...summary, missing: 0, failed: 0 }, new Losses());
    expect(last.at(-1)).toContain('sha256sum -c manifest-sha256.txt');
  });
});

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [999_499, '999 kB'],
  [1_000_000, '1.0 MB'],
  [2.5e12, '2.5 TB'],
])('%i bytes are told as %s', (bytes, told) => expect(size(bytes)).toBe(told));

it.each([
  [0.4, '0 s'],
  [59, '59 s'],
  [61, '1 min 1 s'],
  [7265, '2 h 1 min'],
  [Number.POSITIVE_INFINITY, '?'],
])('%f seconds are told as %s', (seconds, told) => expect(duration(seconds)).toBe(told));

it('shows control characters instead of sending them to the terminal', () => {
  expect(printable('a\u001b[31mb\nc\u202ed')).toBe('a\\u001b[31mb\\u000ac\\u202ed');
  expect(shorten('abcdefghij', 5)).toBe('a…hij');
});

it('breaks what is longer than the terminal is wide, at spaces where there are some', () => {
  expect(wrapped('short', 30)).toEqual(['short']);
  const told = wrapped(
    'blog.example: halved at 12:07:10 to 5.0 requests a second: 9 of 20 answers were 429',
    40,
  );
  expect(told).toEqual([
    'blog.example: halved at 12:07:10 to 5.0',
    '    requests a second: 9 of 20 answers',
    '    were 429',
  ]);
  const long = wrapped('x'.repeat(100), 30);
  expect(long.every(({ length }) => length <= 30)).toBe(true);
  expect(long.join('').replaceAll(' ', '')).toBe('x'.repeat(100));
});
