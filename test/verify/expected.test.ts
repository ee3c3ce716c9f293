import { describe, expect, test } from 'vitest';
import type { Kind } from '../../src/model.ts';
import { type ContentType, markedTypes } from '../../src/verify/content-type.ts';
import { fits, kindOf } from '../../src/verify/expected.ts';

const marked = await markedTypes();
const nothing = new Uint8Array();
const url = 'https://x.example/a';
const words = (text: string) => new Uint8Array(Buffer.from(text));

const fitting = (type: string | undefined, kind: Kind, more: { url?: string; head?: Uint8Array } = {}) =>
  fits(
    type ? { type, ext: 'x' } : undefined,
    { kind, url: more.url ?? url, declared: undefined },
    more.head ?? nothing,
  );

describe('whether it fits what was expected', () => {
  const html = { type: 'text/html', ext: 'html' };
  test.each<[string, string | undefined, Kind, string]>([
    ['JPEG for an image', 'image/jpeg', 'image', 'image/jpeg'],
    ['SVG for an image', 'image/svg+xml', 'image', 'image/svg+xml'],
    ['a page for an image', 'text/html', 'image', 'text/html in place of an image'],
    ['JSON for an image', 'application/json', 'image', 'application/json in place of an image'],
    ['text for a video', 'text/plain', 'video', 'text/plain in place of a video'],
    ['a video for an image', 'video/mp4', 'image', 'video/mp4 in place of an image'],
    ['an image for a video', 'image/gif', 'video', 'image/gif in place of a video'],
    ['Ogg for a video', 'application/ogg', 'video', 'application/ogg'],
    ['Ogg for an audio', 'application/ogg', 'audio', 'application/ogg'],
    ['a page for an audio', 'text/html', 'audio', 'text/html in place of an audio'],
    ['a page for a file', 'text/html', 'file', 'text/html in place of a file'],
    ['PDF for a file', 'application/pdf', 'file', 'application/pdf'],
    ['text for a file', 'text/plain', 'file', 'text/plain'],
  ])('%s', (_, type, kind, expected) => {
    const fit = fitting(type, kind);
    expect('type' in fit ? fit.type.type : fit.reason.detail).toBe(expected);
    if ('reason' in fit) expect(fit.reason.code).toBe('wrong-type');
  });

  test.each<[Kind, string | undefined, string, string]>([
    ['image', 'image/x-strange', 'image/x-strange', 'img'],
    ['image', 'IMAGE/X-Strange; q="', 'image/x-strange', 'img'],
    ['video', 'video/x-strange', 'video/x-strange', 'vid'],
    ['file', 'application/x-thing', 'application/x-thing', 'bin'],
    ['file', 'no type', 'application/octet-stream', 'bin'],
  ])('bytes nobody knows for %s, declared as %s, are taken for %s', (kind, declared, type, ext) => {
    expect(fits(undefined, { kind, url, declared, marked }, nothing)).toEqual({ type: { type, ext } });
  });

  test.each<[Kind, string | undefined]>([
    ['image', undefined],
    ['image', 'application/octet-stream'],
    ['image', 'text/html'],
    ['image', 'image/jpeg'],
    ['image', 'IMAGE/JPG'],
    ['video', 'video/x-m4v'],
    ['audio', ''],
  ])('bytes nobody knows are no %s, declared as %s', (kind, declared) => {
    expect(fits(undefined, { kind, url, declared, marked }, nothing)).toMatchObject({
      reason: { code: 'wrong-type', detail: expect.stringContaining('bytes of no known kind') },
    });
  });

  test('a film at the address of a moving picture is one; at that of a photo it is not', () => {
    const film = { type: 'video/mp4', ext: 'mp4' };
    const at = (address: string) => fits(film, { kind: 'image', url: address, declared: undefined }, nothing);
    expect(at('https://x.example/a.gif?x=1')).toEqual({ type: film });
    expect(at('https://x.example/a.jpg')).toHaveProperty('reason');
  });

  test('the bytes decide, not the label', () => {
    expect('reason' in fits(html, { kind: 'image', url, declared: 'image/jpeg' }, nothing)).toBe(true);
    expect(
      fits({ type: 'image/jpeg', ext: 'jpg' }, { kind: 'image', url, declared: 'text/html' }, nothing),
    ).toEqual({
      type: { type: 'image/jpeg', ext: 'jpg' },
    });
  });
});

describe('a file of whatever kind', () => {
  const json: ContentType = { type: 'application/json', ext: 'json' };
  const xml: ContentType = { type: 'application/xml', ext: 'xml' };
  const text: ContentType = { type: 'text/plain', ext: 'txt' };
  const at = (found: ContentType, address: string, said: string) =>
    'type' in fits(found, { kind: 'file', url: address, declared: undefined }, words(said));

  test.each<[string, ContentType, string, string, boolean]>([
    ['an error as JSON', json, url, '{"error":{"code":404,"message":"gone"}}', false],
    ['an error by its status', json, url, '{"id":null,"status":404}', false],
    ['a vain answer', json, url, '{"success":false}', false],
    [
      'an error of a store',
      xml,
      url,
      '<?xml version="1.0"?>\n<Error><Code>AccessDenied</Code></Error>',
      false,
    ],
    ['words of an error', text, url, 'Not found\n', false],
    ['words in place of a PDF', text, 'https://x.example/a.pdf?x=1', 'The moor in winter', false],
    ['words', text, url, 'The moor in winter', true],
    ['data', json, url, '{"type":"FeatureCollection","features":[]}', true],
    ['a file of notes that begins with 404', text, 'https://x.example/notes.txt', '404 birds seen', true],
    ['data about errors, asked for as such', json, 'https://x.example/log.json', '{"errors":[]}', true],
  ])('%s', (_, found, address, said, isExpected) => {
    expect(at(found, address, said)).toBe(isExpected);
  });
});

test.each([
  ['a challenge', '<title>Just a moment...</title>', 'a challenge page «Just a moment...»'],
  [
    'a login',
    '<title>Sign in - Fernhill</title><input name=p type="password">',
    'a login page «Sign in - Fernhill»',
  ],
  [
    'a 404 that says 200',
    '<title>Page not found | Moor</title>',
    'a page that says it is not there «Page not found | Moor»',
  ],
  [
    'an exclusion',
    '<p>This URL has been excluded from the Wayback Machine.</p>',
    'a message of a web archive',
  ],
  ['a domain for sale', '<body>This domain is for sale!</body>', 'a page of a domain that is for sale'],
  ['any other', '<h1>Hello</h1>', undefined],
])('the evidence says what kind of page came: %s', (_, body, seen) => {
  const page = words(`<!doctype html><html>${body}</html>`);
  const fit = fits({ type: 'text/html', ext: 'html' }, { kind: 'image', url, declared: undefined }, page);
  expect(fit).toEqual({
    reason: { code: 'wrong-type', detail: `text/html in place of an image${seen ? `: ${seen}` : ''}` },
  });
});

test('bait for patterns does not cost more than a moment', () => {
  const before = process.cpuUsage().user;
  for (const bait of ['<title>', '<input ', '{"', 'domain ', '{ '.repeat(3), '"status":'])
    fits(
      { type: 'text/html', ext: 'html' },
      { kind: 'image', url, declared: undefined },
      words(bait.repeat(100_000)),
    );
  expect(process.cpuUsage().user - before).toBeLessThan(2_000_000);
});

test.each([
  ['image/jpeg', 'image'],
  ['video/mp4', 'video'],
  ['audio/ogg', 'audio'],
  ['application/pdf', 'file'],
  ['text/plain', 'file'],
])('%s is %s', (type, kind) => {
  expect(kindOf(type)).toBe(kind);
});
