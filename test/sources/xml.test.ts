import { expect, it } from 'vitest';
import { XmlReader } from '../../src/sources/xml.ts';

const spaceOf = (address: string) => (address.startsWith('http://wordpress.org/export/') ? 'wp' : undefined);

function read(text: string, length = text.length) {
  const told: string[] = [];
  const tracked = new Set(['rss', 'item', 'wp:post_id']);
  const reader = new XmlReader(
    tracked,
    {
      open: (name) => void told.push(`<${name}>`),
      close: (name) => void (tracked.has(name) && told.push(`</${name}>`)),
      text: (text) => void (text.trim() && told.push(text)),
    },
    spaceOf,
  );
  for (let at = 0; at < text.length; at += length) reader.write(text.slice(at, at + length));
  reader.end();
  return { told, isCut: reader.isCut, isXml: reader.isXml };
}

const whole = `<?xml version="1.0"?><rss xmlns:x="http://wordpress.org/export/1.1/"><item>
  <x:post_id><![CDATA[7]]></x:post_id></item></rss>`;

it.each([whole.length, 1, 7])('names elements by their namespace, in pieces of %i', (length) => {
  const { told, isCut } = read(whole, length);
  expect(told.join('')).toBe('<rss><item><wp:post_id>7</wp:post_id></item></rss>');
  expect(isCut).toBe(false);
});

it('takes a prefix that is not declared as it is', () => {
  expect(read('<rss><wp:post_id>7</wp:post_id></rss>').told.join('')).toContain('<wp:post_id>7</wp:post_id>');
});

it.each([60, 90, 105, 120])('knows that a document is cut behind letter %i', (length) => {
  expect(read(whole.slice(0, length)).isCut).toBe(true);
});

it('knows that there is no element at all', () => {
  expect(read('<?xml version="1.0"?>')).toEqual({ told: [], isCut: false, isXml: false });
});

it('expands no entity of the document', () => {
  const bomb = `<!DOCTYPE rss [<!ENTITY a "${'a'.repeat(1000)}">]><rss><item>&a;&a; &lt;b&gt;</item></rss>`;
  expect(read(bomb).told.join('')).toContain('<rss><item>&a;&a; <b></item></rss>');
});

it.each([1000, 1, 2, 5])(
  'takes several CDATA for one text, and leaves comments out, in pieces of %i',
  (length) => {
    const text =
      '<rss><!-- <![CDATA[no]]> --><item>a<![CDATA[<b>]]]]><![CDATA[>&amp;]]>&lt;<!-->-->c</item></rss>';
    const { told, isCut } = read(text, length);
    expect(told.join('')).toBe('<rss><item>a<b>]]>&amp;<c</item></rss>');
    expect(isCut).toBe(false);
  },
);

it('hands on a text in CDATA that never ends as it comes', () => {
  let [longest, letters] = [0, 0];
  const text = (part: string) => {
    longest = Math.max(longest, part.length);
    letters += part.length;
  };
  const reader = new XmlReader(new Set(['rss']), { open: () => undefined, close: () => undefined, text });
  reader.write('<rss><![CDATA[');
  for (let i = 0; i < 400; i++) reader.write('x'.repeat(50_000));
  reader.end();
  expect(letters).toBe(20_000_000);
  expect(longest).toBeLessThan(60_000);
  expect(reader.isCut).toBe(true);
});

it.each(['<a b="', '<!DOCTYPE rss [', '<?php ', '<a '])('gives up on a tag that never ends: %s', (start) => {
  const quiet = { open: () => undefined, close: () => undefined, text: () => undefined };
  const reader = new XmlReader(new Set(['rss']), quiet);
  expect(() => {
    reader.write(`<rss>${start}`);
    for (let i = 0; i < 400; i++) reader.write('x'.repeat(50_000));
  }).toThrow('a single tag larger than 1 MiB');
});
