import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Entry } from '../../../src/sources/feed/entry.ts';
import { beginsFeed } from '../../../src/sources/feed/look.ts';
import { FeedReader } from '../../../src/sources/feed/reader.ts';
import { busyTime } from '../../helpers/busy.ts';

const folder = 'fixtures/feed-reader';
const options = { base: 'https://pond.example/feed' };

function read(text: string, length = text.length): readonly Entry[] {
  const reader = new FeedReader(options);
  for (let at = 0; at < text.length; at += length) reader.write(text.slice(at, at + length));
  return reader.end();
}

const essence = (entries: readonly Entry[]) =>
  entries.map(({ link, guid, title, date, markup }) => ({
    link: link ?? null,
    guid: guid ?? null,
    title: title ?? null,
    date,
    media: markup.media,
  }));

describe('a feed', () => {
  for (const name of readdirSync(folder).sort()) {
    const text = readFileSync(join(folder, name, 'input.xml'), 'utf8');
    it(`gives its entries and their media: ${name}`, () => {
      const expected = JSON.parse(readFileSync(join(folder, name, 'expected.json'), 'utf8'));
      expect(essence(read(text))).toEqual(expected);
      expect(essence(read(text, 1))).toEqual(expected);
      expect(beginsFeed(text)).toBe(true);
    });
  }

  it('is known by its root, whatever it is called', () => {
    for (const start of [
      '<rss version="2.0">',
      '\n<?xml version="1.0"?><feed xmlns="x">',
      '<!-- a comment --><rdf:RDF xmlns="http://purl.org/rss/1.0/">',
      '<a:feed xmlns:a="x">',
    ])
      expect(beginsFeed(start)).toBe(true);
    for (const start of [
      '<html><head><rss>',
      '<rdf:RDF xmlns="x">',
      '<!doctype html><p>&lt;rss&gt;',
      '<urlset>',
      'feed me',
      '',
    ])
      expect(beginsFeed(start)).toBe(false);
  });

  it('G01 expands no entity of its own', () => {
    const entities = Array.from({ length: 12 }, (_, n) => `<!ENTITY e${n + 1} "${`&e${n};`.repeat(10)}">`);
    const text = `<!DOCTYPE rss [<!ENTITY e0 "ha">${entities.join('')}]><rss><item><guid>1</guid><description>&e12;</description></item></rss>`;
    expect(read(text).map(({ html }) => html.length)).toEqual([5]);
  });

  it('G14 has an end, however much it holds', () => {
    const many = `<rss>${'<item><guid>x</guid></item>'.repeat(20_000)}</rss>`;
    const long = `<rss><item>${`<description>${'x'.repeat(2 ** 20)}</description>`.repeat(8)}</item></rss>`;
    expect(read(many)).toHaveLength(10_000);
    expect(read(long)[0]!.html.length).toBe(2 ** 20);
  });

  /** Milliseconds; the best of three, so that a busy machine does not count. */
  const timeOf = (text: string): number => {
    const once = () => {
      const busy = busyTime();
      read(text, 65_536);
      return busy();
    };
    return Math.min(once(), once(), once());
  };

  it('G03 takes about as long for what it nests without end as for the same that is closed at once', () => {
    const feed = (text: string) => `<rss><item><enclosure url="/a.mp3"/>${text.repeat(8000)}`;
    const nested = feed('<link><content><b>');
    const closed = feed('<link></link><content></content><b></b>');
    for (const text of [nested, closed]) expect(read(text)[0]!.markup.media).toHaveLength(1);
    expect(timeOf(nested)).toBeLessThan(20 * timeOf(closed));
  });

  it('G14 takes no longer for a flood of short texts behind a long one than for the same in front of it', () => {
    const long = `<description>${'x'.repeat(2 ** 20)}</description>`;
    const flood = '<description>y</description>'.repeat(5000);
    const feed = (text: string) => `<rss><item>${text}</item></rss>`;
    const [behind, before] = [feed(long + flood), feed(flood + long)];
    for (const text of [behind, before]) {
      const { length } = read(text)[0]!.html.replaceAll('\n', '');
      expect(length).toBe(2 ** 20);
    }
    expect(timeOf(behind)).toBeLessThan(20 * timeOf(before)); // the same work on any machine; it was 300 times as much
  });

  it('G14 has room for so many letters of addresses, whatever its base and however many its entries', () => {
    const enclosures = Array.from({ length: 40 }, (_, n) => `<enclosure url="${n}.mp3"/>`).join('');
    const base = `http://pond.example/${'a'.repeat(8000)}/`;
    const found = read(`<rss xml:base="${base}">${`<item>${enclosures}</item>`.repeat(100)}</rss>`);
    const media = found.flatMap(({ markup }) => markup.media);
    const letters = media.reduce((sum, { url }) => sum + url.length, 0);
    expect(letters).toBeGreaterThan(2 ** 24 - 8200);
    expect(letters).toBeLessThanOrEqual(2 ** 24);
    const surplus = found.reduce((sum, { markup }) => sum + markup.leftOut.surplus, 0);
    expect([found.length, media.length + surplus]).toEqual([100, 4000]);
    const [endless] = read(`<rss xml:base="${base.repeat(2)}"><item>${enclosures}</item></rss>`);
    expect(endless!.markup.media[0]!.url).toBe('https://pond.example/0.mp3');
  });

  it('G06 takes names that every object has for plain names', () => {
    const text = '<rss><item><constructor>x</constructor><__proto__ a="b"/><guid>1</guid></item></rss>';
    expect(read(text).map(({ guid }) => guid)).toEqual(['1']);
  });
});
