import { expect, test } from 'vitest';
import { limitsOf, openArchives } from '../../src/archive/archives.ts';

const capture = {
  timestamp: '20190531000000',
  original: 'http://blog.example/1.jpg',
  mimetype: '-',
  statuscode: '-',
  digest: '-',
};
const given = { recovery: true, wayback: 'http://w.example', memento: [], cdx: [] };

test('the web archives are asked in the order given, each under its own name and once', () => {
  const memento = ['http://m.example/all', 'http://n.example', 'http://m.example/all', 'http://m.example/b'];
  const archives = openArchives({ ...given, memento, cdx: ['http://c.example:8080/x/cdx'] });
  expect(archives.map(({ name }) => name)).toEqual([
    'wayback',
    'm.example',
    'n.example',
    'm.example/b',
    'c.example:8080',
  ]);
  expect(openArchives({ ...given, recovery: false, memento })).toEqual([]);
});

test.each([
  ['http://c.example/all/cdx', 'http://c.example/all'],
  ['http://c.example/all-cdx', 'http://c.example/all'],
  ['http://c.example/all-index', 'http://c.example/all'],
  ['http://c.example/cdx http://r.example/replay', 'http://r.example/replay'],
])('an archive with its index at %s replays at %s', (text, replay) => {
  const [, archive] = openArchives({ ...given, cdx: [text] });
  expect(archive!.rawAt(capture, 'image')).toEqual([`${replay}/20190531000000id_/${capture.original}`]);
  expect(archive!.bases).toEqual([text.split(' ')[0], replay]);
});

test('each has limits of its own, and its two services rest together', () => {
  const archives = openArchives({ ...given, memento: ['http://m.example'] });
  const limits = limitsOf(archives, {
    perHost: 6,
    waybackIndexRate: 0.4,
    waybackReplayRate: 8,
    waybackPause: 60_000,
  });
  expect(Object.keys(limits)).toEqual([
    'wayback index',
    'wayback replay',
    'm.example index',
    'm.example replay',
  ]);
  expect(limits['m.example index']).toMatchObject({
    rate: 0.4,
    silence: 60_000,
    kin: ['m.example replay'],
    patience: 2,
  });
});
