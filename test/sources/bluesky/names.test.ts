import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bluesky } from '../../../src/sources/bluesky/bluesky.ts';
import { sha256In } from '../../../src/sources/bluesky/cid.ts';
import { documentOf } from '../../../src/sources/bluesky/identity.ts';
import { readSettings } from '../../../src/sources/bluesky/settings.ts';
import { readTarget } from '../../../src/sources/bluesky/target.ts';
import { dateOfTid, momentOfTid, tidAt } from '../../../src/sources/bluesky/tid.ts';
import { testContext } from '../../helpers/source-suite.ts';
import { withTempFolder } from '../../helpers/temp-folder.ts';
import { cidOf } from './fake-bluesky.ts';

describe('the name of a blob', () => {
  it('promises the sum of plain bytes', () => {
    for (const text of ['', 'fern', 'x'.repeat(1000)])
      expect(sha256In(cidOf(Buffer.from(text)))).toBe(createHash('sha256').update(text).digest('hex'));
  });

  it.each([
    '',
    'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG',
    'bafyreia2345672345672345672345672345672345672345672345672345',
    'bafkrei',
    `B${'A'.repeat(58)}`,
    'bafkreiFERN',
    `b${'7'.repeat(58)}`,
  ])('of another form promises nothing: %s', (cid) => expect(sha256In(cid)).toBeUndefined());
});

describe('the key of a record', () => {
  it('holds a moment, and stands in the order of moments', () => {
    const moment = Date.parse('2024-05-06T07:08:09.123Z') * 1000 + 456;
    expect(momentOfTid(tidAt(moment, 'first'))).toBe(moment);
    expect(momentOfTid(tidAt(moment, 'last'))).toBe(moment);
    expect(dateOfTid(tidAt(moment, 'first'))).toBe('2024-05-06T07:08:09.123Z');
    const keys = [moment - 1, moment, moment + 1].flatMap((one) => [tidAt(one, 'first'), tidAt(one, 'last')]);
    expect([...keys].sort()).toEqual(keys);
    expect(tidAt(0, 'first')).toBe('2222222222222');
    expect(dateOfTid('2222222222222')).toBeNull();
  });

  it.each([
    'self',
    '',
    '3kabcdefgh22',
    '3kabcdefgh2222',
    '3KABCDEFGH222',
    'zzzzzzzzzzzzz',
    '3kabcdefgh219',
    'jzzzzzzzzzzzz',
  ])('that somebody made up holds none: %s', (key) => expect(momentOfTid(key)).toBeUndefined());
});

describe('a target', () => {
  const did = 'did:plc:fernfernfernfernfernfern';
  it.each([
    ['https://bsky.app/profile/Fern.example', { actor: 'fern.example' }],
    ['https://www.bsky.app/profile/fern.example/', { actor: 'fern.example' }],
    [`https://bsky.app/profile/${did}?x=1#y`, { actor: did }],
    [
      'https://bsky.app/profile/fern.example/post/3kabcdefgh222',
      { actor: 'fern.example', key: '3kabcdefgh222' },
    ],
    ['@fern.example', { actor: 'fern.example' }],
    [did, { actor: did }],
    ['did:web:fern.example', { actor: 'did:web:fern.example' }],
    [`at://${did}/app.bsky.feed.post/3kabcdefgh222`, { actor: did, key: '3kabcdefgh222' }],
  ])('%s is taken', (target, place) => {
    expect(bluesky.claims(target)).toBe(true);
    expect(readTarget(target)).toEqual(place);
  });

  it.each([
    ['bluesky:fern.example', { actor: 'fern.example' }],
    ['bluesky:@fern.example', { actor: 'fern.example' }],
    [`bluesky:${did}`, { actor: did }],
  ])('%s is read', (target, place) => expect(readTarget(target)).toEqual(place));

  it.each([
    'fern.example',
    '@fern',
    '@fern@moss.example',
    'https://bsky.app/',
    'https://fern.example/profile/x',
    'did:key:abc',
    'x.car',
  ])('%s is not claimed', (target) => expect(bluesky.claims(target)).toBe(false));

  it.each([
    'https://bsky.app/profile/fern.example/feed/aaa',
    'https://bsky.app/profile/fern.example/followers',
    'https://bsky.app/search',
    'bluesky:fern',
    'bluesky:',
    'bluesky:../../etc',
    'bluesky:did:',
    `at://${did}/app.bsky.feed.like/3kabcdefgh222`,
  ])('%s names nothing to list, and it is said what does', (target) =>
    expect(() => readTarget(target)).toThrow(/What can be named/),
  );

  it('has a name without asking anybody, where it has a handle', () => {
    expect(bluesky.nameOf?.('@fern.example')).toBe('fern.example');
    expect(bluesky.nameOf?.(did)).toBeNull();
    expect(bluesky.nameOf?.('bluesky:!')).toBeNull();
    expect(bluesky.nameOf?.('./fern.car')).toBe('fern');
  });

  it('that is a file and no export is told of', () =>
    withTempFolder(async (dir) => {
      const file = join(dir, 'fern.car');
      await writeFile(file, 'not at all');
      expect(bluesky.claims(file)).toBe(false);
      await expect(bluesky.open(`bluesky:${file}`, testContext())).rejects.toThrow(
        'does not begin as a CAR does',
      );
      await expect(bluesky.open(`bluesky:${file}x.car`, testContext())).rejects.toThrow(
        'There is nothing at',
      );
    }));
});

it('documents are asked of the directory, or of the host that is named', () => {
  expect(documentOf('did:plc:aaa', 'https://plc.example')).toBe('https://plc.example/did:plc:aaa');
  expect(documentOf('did:web:fern.example', 'x')).toBe('https://fern.example/.well-known/did.json');
  expect(documentOf('did:web:fern.example%3A8443', 'x')).toBe(
    'https://fern.example:8443/.well-known/did.json',
  );
  expect(documentOf('did:web:fern.example:path', 'x')).toBeUndefined();
  expect(documentOf('did:key:aaa', 'x')).toBeUndefined();
});

it('settings that make no sense are refused by their names', () => {
  expect(() => readSettings({ 'sources.bluesky.list': 'all' })).toThrow(
    /sources\.bluesky\.list: it takes feed or repo/,
  );
  expect(() => readSettings({ 'sources.bluesky.limit': '101' })).toThrow(/from 1 to 100/);
  expect(() => readSettings({ 'sources.bluesky.api': 'ftp://a' })).toThrow(/takes an http address/);
});
