import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FoundMedia } from '../../src/sources/finds.ts';
import { MarkupReader, readMarkup } from '../../src/sources/markup.ts';
import { unwrapped } from '../../src/sources/wayback/place.ts';

const folder = 'fixtures/markup';
const options = { base: 'https://pond.example/2014/herons', original: unwrapped };

/** What a case states: the media, the best address first, and what the page says of itself. */
const essence = ({ media, page, leftOut }: ReturnType<typeof readMarkup>) => ({
  media,
  title: page.title ?? null,
  canonical: page.canonical ?? null,
  published: page.published ?? null,
  isArticle: page.isArticle,
  leftOut,
});

describe('media in HTML', () => {
  for (const name of readdirSync(folder).sort()) {
    const html = readFileSync(join(folder, name, 'input.html'), 'utf8');
    it(`are found: ${name}`, () => {
      const expected = JSON.parse(readFileSync(join(folder, name, 'expected.json'), 'utf8'));
      expect(essence(readMarkup(html, options))).toEqual(expected);
    });
    it(`are the same however the markup comes in: ${name}`, () => {
      const whole = essence(readMarkup(html, options));
      for (const length of [1, 2, 7, 1000]) {
        const reader = new MarkupReader(options);
        for (let at = 0; at < html.length; at += length) reader.write(html.slice(at, at + length));
        expect(essence(reader.end())).toEqual(whole);
      }
    });
  }

  it('need a base only where their addresses are relative', () => {
    const { media, leftOut } = readMarkup('<img src="a.jpg"><img src="https://pond.example/b.jpg">', {
      base: null,
    });
    expect([media.map(({ url }) => url), leftOut.unusable]).toEqual([['https://pond.example/b.jpg'], 1]);
  });
});

describe('what elements name in a way of their own', () => {
  it('stands where they stand, and is one with what everybody sees in them', () => {
    const own = (name: string, { film }: Readonly<Record<string, string>>) =>
      name === 'figure' && film
        ? [{ kind: 'video' as const, candidates: [{ address: film, rank: 1e9 }] }]
        : [];
    const html =
      '<img src="/a.jpg"><figure film="/b.mp4"><video src="/b.mp4"></video></figure><figure film="/c.mp4"></figure><img src="/d.jpg">';
    const { media } = readMarkup(html, { ...options, own });
    expect(media.map(({ url }) => new URL(url).pathname)).toEqual(['/a.jpg', '/b.mp4', '/c.mp4', '/d.jpg']);
  });
});

describe('a size is promised of an address', () => {
  const first = (html: string) => {
    const [found] = readMarkup(html, options).media;
    return [new URL(found!.url).pathname, found!.width, found!.height];
  };
  const shown = 'width="500" height="400"';

  it.each([
    ['<img src="/a.jpg" data-orig-file="/b.jpg" data-orig-size="1600,1067">', ['/b.jpg', 1600, 1067]],
    [
      '<img src="/a.jpg" data-orig-src="/b.jpg" data-orig-width="1600" data-orig-height="1067">',
      ['/b.jpg', 1600, 1067],
    ],
    [
      '<meta property="og:image" content="/a.jpg"><meta property="og:image:width" content="1600"><meta property="og:image:height" content="1067">',
      ['/a.jpg', 1600, 1067],
    ],
    [`<img src="/a.jpg" srcset="/b.jpg 1600w" ${shown}>`, ['/b.jpg', 1600, undefined]],
  ])('where the markup states it of that address: %s', (html, expected) => {
    expect(first(html)).toEqual(expected);
  });

  it.each([
    [`<img src="/a.jpg" ${shown}>`, '/a.jpg'],
    [`<amp-img src="/a.jpg" ${shown}></amp-img>`, '/a.jpg'],
    [`<img src="/spacer.gif" data-src="/a.jpg" ${shown}>`, '/a.jpg'],
    [`<a href="/a.jpg"><img src="/a-500.jpg" ${shown}></a>`, '/a.jpg'],
    [`<a href="/a.jpg"><img src="/a.jpg" ${shown}></a>`, '/a.jpg'],
    [`<img src="/a.jpg" srcset="/b.jpg 2x" ${shown}>`, '/b.jpg'],
    [`<video src="/a.mp4" ${shown}></video>`, '/a.mp4'],
    ['<img src="/a.jpg" data-highres="/b.jpg" data-orig-size="1600,1067">', '/b.jpg'],
    [
      '<meta property="og:image" content="/a.jpg"><meta property="og:video:width" content="640"><meta property="og:video:height" content="360">',
      '/a.jpg',
    ],
  ])('and not where it says how large something is shown: %s', (html, path) => {
    expect(first(html)).toEqual([path, undefined, undefined]);
  });
});

/** Milliseconds of the processor, the least of several: what else a machine does meanwhile does not count. */
function timeOf(work: () => unknown): number {
  const once = () => {
    const from = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(from);
    return (user + system) / 1000;
  };
  const first = once();
  return first < 100 ? first : Math.min(first, once());
}

const KIB_100 = 102_400;
const filled = (bait: string, length = KIB_100) => bait.repeat(Math.ceil(length / bait.length));

describe('G03 references and nesting without end', () => {
  it('take about as long as as much text', () => {
    const readTwice = (text: string) => timeOf(() => readMarkup(`<p title="${text}">${text}`, options));
    expect(readTwice('&#65;'.repeat(1e6))).toBeLessThan(20 * readTwice('A'.repeat(5e6)));
  });

  it.each(['<b>', '<a href="/x">', '<svg>', '<p><video>'])(
    'take about as long as the same that is closed at once: %s',
    (open) => {
      const pictures = '<img src="/within.jpg"><img src="/after.jpg">';
      const [within, after] = pictures.split(/(?<=>)/);
      const close = '</i></b></a>';
      const nested = `${open.repeat(200_000)}${within}${close.repeat(200_000)}${after}`;
      const closed = `${(open + close).repeat(200_000)}${pictures}`;
      const urls = readMarkup(nested, options).media.map(({ url }) => url);
      expect(urls).toEqual(
        expect.arrayContaining(['https://pond.example/within.jpg', 'https://pond.example/after.jpg']),
      );
      const [took, asMuch] = [nested, closed].map((html) => timeOf(() => readMarkup(html, options)));
      expect(took!).toBeLessThan(20 * asMuch!);
    },
  );
});

it('G06 names of tags and attributes that every object has are plain names', () => {
  const html =
    '<__proto__ src="/a.jpg"><constructor><toString><img __proto__="x" constructor="y" src="/b.jpg">';
  expect(readMarkup(html, options).media.map(({ url }) => url)).toEqual(['https://pond.example/b.jpg']);
  expect(({} as { src?: string }).src).toBeUndefined();
});

describe('G12 baits for patterns', () => {
  it.each([
    ['an address', (bait: string) => `<img src="${bait}">`],
    ['a srcset', (bait: string) => `<img srcset="${bait}">`],
    ['a style', (bait: string) => `<p style="${bait}">`],
    ['a link', (bait: string) => `<a href="${bait}"><img src="/a.jpg">`],
    ['a rel', (bait: string) => `<link href="/a" rel="${bait}">`],
    [
      'a meta',
      (bait: string) =>
        `<meta property="${bait}" content="${bait}"><meta name="datepublished" content="${bait}">`,
    ],
    ['an embed', (bait: string) => `<embed type="${bait}" src="${bait}"><object data="${bait}">`],
    [
      'a size',
      (bait: string) => `<img src="/a.jpg" width="${bait}" height="${bait}" data-orig-size="${bait}">`,
    ],
    ['a class', (bait: string) => `<abbr class="${bait}" title="${bait}"><time datetime="${bait}">`],
    [
      'linked data',
      (bait: string) =>
        `<script type="application/ld+json">{"image":${JSON.stringify(bait)},"datePublished":${JSON.stringify(bait)}}</script>`,
    ],
    ['the text', (bait: string) => bait],
  ])('in %s cost no more than they weigh', (_, wrapped) => {
    for (const bait of [
      'a',
      ' ',
      '/',
      '.',
      ',',
      '(',
      'url(',
      '1w,',
      ' 1x',
      '<',
      '</',
      '<!--',
      '&',
      '&amp',
      '=',
      'http://',
      '/web/2014/http://',
      '%',
      '\t\n',
      '0',
      '-',
      '1,',
      '<a <',
    ]) {
      const html = wrapped(filled(bait).replaceAll('"', "'"));
      expect(
        timeOf(() => readMarkup(html, options)),
        JSON.stringify(bait),
      ).toBeLessThan(200);
    }
  });
});

const lengthOf = (media: readonly FoundMedia[]) =>
  media.flatMap(({ url, alternates }) => [url, ...alternates]).reduce((sum, one) => sum + one.length, 0);

describe('G14 floods of addresses', () => {
  it('have an end, which is told', () => {
    const html = Array.from({ length: 100_000 }, (_, n) => `<img src="/${n}.jpg">`).join('');
    const { media, leftOut } = readMarkup(html, options);
    expect([media.length, leftOut.surplus]).toEqual([10_000, 90_000]);
  });
  it('have an end also where each medium has many', () => {
    const sizes = (n: number) =>
      Array.from({ length: 49 }, (_, size) => `/${n}-${size}.jpg ${size + 1}w`).join(', ');
    const html = Array.from({ length: 5000 }, (_, n) => `<img srcset="${sizes(n)}">`).join('');
    const { media, leftOut } = readMarkup(html, options);
    expect([media.length, media.length + leftOut.surplus]).toEqual([2040, 5000]);
  });
  it('of one picture have an end, too', () => {
    const srcset = Array.from({ length: 100_000 }, (_, n) => `/${n}.jpg ${n + 1}w`).join(', ');
    const [found] = readMarkup(`<img srcset="${srcset}">`, options).media;
    expect(found!.alternates.length).toBeLessThan(100);
  });
  it('do not multiply with the length of their base', () => {
    const sizes = (n: number) => Array.from({ length: 49 }, (_, size) => `${n}-${size} ${size + 1}w`).join();
    const imgs = Array.from({ length: 2000 }, (_, n) => `<img srcset="${sizes(n)}">`).join('');
    let resolved = 0;
    const original = (url: string) => {
      resolved++;
      return url;
    };
    const html = `<base href="http://pond.example/${'a'.repeat(8000)}/">${imgs}`;
    const { media, leftOut } = readMarkup(html, { base: null, original });
    expect(lengthOf(media)).toBeGreaterThan(2 ** 24 - 50 * 8200);
    expect(lengthOf(media)).toBeLessThanOrEqual(2 ** 24);
    expect(media.length + leftOut.surplus).toBe(2000);
    expect(resolved).toBeLessThan(2 ** 24 / 8000 + 50); // what has no room is not even looked at
  });
  it('of a megabyte, and data of 50 MiB, are left out', () => {
    const data = `<img src="data:image/png;base64,${'A'.repeat(50 * 2 ** 20)}">`;
    const { media, leftOut } = readMarkup(
      `<img src="/${'a'.repeat(2 ** 20)}.jpg">${data}<img src="/b.jpg">`,
      options,
    );
    expect(media.map(({ url }) => url)).toEqual(['https://pond.example/b.jpg']);
    expect(leftOut).toEqual({ surplus: 0, unusable: 1, embedded: 1 });
  });
});

it('G11 takes a date for one only if there is such a day', () => {
  for (const date of ['0000-01-01', '2014-02-30', 'yesterday', '99999999999999999'])
    expect(
      readMarkup(`<meta property="article:published_time" content="${date}">`, options).page.published,
    ).toBeUndefined();
});

it('reads linked data that nest without end', () => {
  const deep = `${'['.repeat(50_000)}{"image":"/a.jpg"}${']'.repeat(50_000)}`;
  const wide = `{"image":"/b.jpg","width":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
  const html = `<script type="application/ld+json">${deep}</script><script type="application/ld+json">${wide}</script>`;
  expect(readMarkup(html, options).media.map(({ url }) => url)).toEqual(['https://pond.example/b.jpg']);
});
