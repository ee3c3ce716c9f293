import { join } from 'node:path';
import { expect, it } from 'vitest';
import { archive } from '../../../src/archiving.ts';
import { outcomeOf, quick } from '../../helpers/archives.ts';
import { photo } from '../../helpers/media.ts';
import { withTempFolder } from '../../helpers/temp-folder.ts';
import { withFakeFeed } from './fake-feed.ts';

it('archives what a page leads to, and the next run but asks whether the feed has changed', () =>
  withFakeFeed({ entries: [5, 4, 3, 2, 1] }, (server) =>
    withTempFolder(async (dir) => {
      const head = '<link rel="alternate" type="application/rss+xml" href="/feed">';
      server.instead.set('/', { type: 'text/html', text: `<html><head>${head}</head><body>hello` });
      for (const n of server.entries)
        server.instead.set(`/${n}.jpg`, { type: 'image/jpeg', bytes: photo(n) });
      const directory = join(dir, 'pond');
      const first = await archive(`${server.url}/`, { ...quick, directory }).finished;
      expect(first).toMatchObject({ posts: 5, kept: 5, exitCode: 0, balanced: true });
      const before = outcomeOf(directory);
      const begin = server.log.length;
      const second = await archive(`${server.url}/`, { ...quick, directory }).finished;
      expect(second).toMatchObject({ posts: 0, listed: 0, exitCode: 0, balanced: true });
      expect(outcomeOf(directory)).toEqual(before);
      expect(server.log.slice(begin).map(({ path, status }) => `${path} ${status}`)).toEqual([
        '/ 200',
        '/feed 200', // a look whether it is still a feed
        '/feed 304',
      ]);
    }),
  ));
