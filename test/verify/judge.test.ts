import { describe, expect, test } from 'vitest';
import type { Download, Location, MediaItem } from '../../src/model.ts';
import { type ContentType, markedTypes } from '../../src/verify/content-type.ts';
import { judge } from '../../src/verify/judge.ts';
import type { Structure } from '../../src/verify/wholeness.ts';
import { downloadOf, itemOf, live } from '../helpers/parcels.ts';

const marked = await markedTypes();
const jpeg: ContentType = { type: 'image/jpeg', ext: 'jpg' };
const html: ContentType = { type: 'text/html', ext: 'html' };
const excluded = Buffer.from('<html><p>This URL has been excluded from the Wayback Machine.</p>');
const removed = 'c'.repeat(64);
const known = { code: 'placeholder', detail: 'seen at the demonstration' } as const;
const snapshot: Location = { kind: 'snapshot', url: 'http://archive.example/web/2019id_/x' };

interface Given {
  readonly found?: ContentType | undefined;
  readonly item?: Partial<MediaItem>;
  readonly download?: Partial<Download>;
  readonly location?: Location;
  readonly structure?: Structure;
}

function verdictOf({ found, item, download, structure, location = live('http://x.example/') }: Given) {
  const placeholder = download?.sha256 === removed ? known : undefined;
  const fetched = { item: itemOf(item), location, download: downloadOf(download) };
  return judge({ found, marked, structure, placeholder }, fetched);
}

function verdictOn(given: Given) {
  const verdict = verdictOf(given);
  return verdict.accepted ? `${verdict.type} ${verdict.ext} ${verdict.kind}` : verdict.reason.code;
}

describe('a download', () => {
  test.each<[string, Given, string]>([
    ['what it claims to be', { found: jpeg }, 'image/jpeg jpg image'],
    ['of unknown bytes', { found: undefined }, 'wrong-type'],
    [
      'small, but whole by its structure',
      { found: jpeg, download: { bytes: 40 }, structure: { end: 'structure' } },
      'image/jpeg jpg image',
    ],
    [
      'a film where a moving picture was',
      { found: { type: 'video/mp4', ext: 'mp4' }, item: { url: 'http://x.example/a.gif' } },
      'video/mp4 mp4 video',
    ],
    ['a page', { found: html }, 'wrong-type'],
    ['empty', { found: undefined, download: { bytes: 0 } }, 'empty'],
    ['a stump of a picture', { found: jpeg, download: { bytes: 40 } }, 'too-small'],
    ['a placeholder', { found: jpeg, download: { sha256: removed } }, 'placeholder'],
    ['the promised bytes', { found: jpeg, item: { sha256: 'A'.repeat(64) } }, 'image/jpeg jpg image'],
    ['other bytes than promised', { found: jpeg, item: { sha256: 'd'.repeat(64) } }, 'checksum'],
    [
      'a copy that was made anew, whatever was promised of the first',
      {
        found: jpeg,
        item: { sha256: 'd'.repeat(64) },
        location: { kind: 'alternate', url: 'http://x.example/', isLesser: true },
      },
      'image/jpeg jpg image',
    ],
    ['a picture for a file', { found: jpeg, item: { kind: 'file' } }, 'image/jpeg jpg image'],
    ['a page for a file', { found: html, item: { kind: 'file' } }, 'wrong-type'],
    [
      'a capture',
      { found: jpeg, location: snapshot, download: { memento: 'Fri, 31 May 2019 00:00:00 GMT' } },
      'image/jpeg jpg image',
    ],
    [
      "the archive's own words",
      { found: html, location: snapshot, download: { head: excluded } },
      'not-a-capture',
    ],
    ['a page before the archive', { found: html, location: snapshot }, 'archive-unreachable'],
    ["the archive's own picture", { found: jpeg, location: snapshot }, 'archive-unreachable'],
    ['a live answer with no Memento-Datetime', { found: jpeg }, 'image/jpeg jpg image'],
  ])('%s', (_, given, expected) => {
    expect(verdictOn(given)).toBe(expected);
  });

  test.each<[string, Given, string]>([
    [
      'not a capture before placeholder',
      { found: jpeg, location: snapshot, download: { sha256: removed } },
      'archive-unreachable',
    ],
    ['placeholder before type', { found: html, download: { sha256: removed } }, 'placeholder'],
    ['placeholder before size', { found: jpeg, download: { sha256: removed, bytes: 10 } }, 'placeholder'],
    ['type before size', { found: html, download: { bytes: 10 } }, 'wrong-type'],
    [
      'size before checksum',
      { found: jpeg, download: { bytes: 10 }, item: { sha256: 'd'.repeat(64) } },
      'too-small',
    ],
  ])('is refused by the rule that tells most: %s', (_, given, expected) => {
    expect(verdictOn(given)).toBe(expected);
  });
});

describe('the end of a file', () => {
  const cut: Structure = { end: 'cut', detail: 'no end after 4096 bytes' };

  test('that is cut: refused by its structure, with what was seen of it', () => {
    expect(verdictOf({ found: jpeg, structure: cut })).toEqual({
      accepted: false,
      reason: { code: 'cut', detail: 'no end after 4096 bytes' },
    });
  });

  test('whose bytes have the promised sum is proven by that, whatever its structure', () => {
    const sum = 'a'.repeat(64);
    const given = {
      found: jpeg,
      structure: cut,
      item: { sha256: sum.toUpperCase() },
      download: { sha256: sum },
    };
    expect(verdictOf(given)).toMatchObject({ accepted: true, whole: 'checksum' });
  });

  test.each<[string, Structure | undefined, string, object | undefined]>([
    ['proven', { end: 'structure', width: 640, height: 480 }, 'structure', { width: 640, height: 480 }],
    ['proven, and nothing of its measure', { end: 'structure' }, 'structure', undefined],
    ['not proven', { end: 'unverified length', why: 'streamed' }, 'unverified length', undefined],
    ['of a kind that nobody knows', undefined, 'unverified length', undefined],
  ])('%s', (_, structure, whole, measure) => {
    const verdict = verdictOf({ found: jpeg, structure });
    expect(verdict).toMatchObject({ accepted: true, whole });
    expect(verdict.accepted && verdict.measure).toEqual(measure);
  });
});
