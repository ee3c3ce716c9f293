import { describe, expect, it } from 'vitest';
import type { Kind, MediaItem } from '../../../src/model.ts';
import { PostMedia, type Size } from '../../../src/sources/tumblr/media.ts';

const directory = '0a1b2c3d4e5f60718293a4b5c6d7e8f9';
const media = 'https://64.media.tumblr.com';
const sized = (box: string, nth = 0, ending = 'jpg') =>
  `${media}/${directory}/112233445566778${nth}-9a/${box}/${box}token.${ending}`;
const idOf = (nth = 0) => `tumblr:${directory}:112233445566778${nth}-9a`;
const old = (size: string, ending = 'jpg') => `${media}/${directory}/tumblr_fern01qzo1${size}.${ending}`;

const post = { post: '901', date: null };
const itemsOf = (fill: (media: PostMedia) => void) => {
  const found = new PostMedia(post);
  fill(found);
  return found.items;
};
const chosen = (kind: Kind, sizes: readonly Size[]) => {
  const [{ url, alternates, width, height, larger }] = itemsOf((found) => found.add(kind, sizes)) as [
    MediaItem,
  ];
  return { url, alternates, width, height, larger };
};
const htmlIds = (html: string) => itemsOf((found) => found.addHtml(html)).map(({ id }) => id);

describe('of all sizes', () => {
  it('the largest by area is chosen, the others are alternates, the largest first', () => {
    const sizes = [
      { url: sized('s250x400'), width: 250, height: 187 },
      { url: sized('s1280x1920'), width: 1100, height: 825 },
      { url: sized('s75x75_c1'), width: 75, height: 75 },
      { url: sized('s500x750'), width: 500, height: 375 },
    ];
    expect(chosen('image', sizes)).toEqual({
      url: sized('s1280x1920'),
      alternates: [sized('s500x750'), sized('s250x400'), sized('s75x75_c1')],
      width: 1100,
      height: 825,
      larger: undefined,
    });
  });

  it.each([
    [
      'the original is preferred of two of one size',
      [
        { url: sized('s1280x1920'), width: 900, height: 600 },
        { url: sized('s2048x3072'), width: 900, height: 600, isOriginal: true },
      ],
      sized('s2048x3072'),
    ],
    [
      'a box promises its width where nothing is stated',
      [{ url: sized('s640x960') }, { url: sized('s2048x3072') }, { url: sized('s400x600') }],
      sized('s2048x3072'),
    ],
    [
      'a tall picture is small in a wide box',
      [{ url: sized('s1280x1920'), width: 400, height: 1920 }, { url: sized('s2048x3072') }],
      sized('s2048x3072'),
    ],
    [
      'a size beyond the box of its address is not believed',
      [
        { url: sized('s640x960'), width: 9000, height: 9000 },
        { url: sized('s1280x1920'), width: 1280, height: 853 },
      ],
      sized('s1280x1920'),
    ],
    [
      'what is cut is behind all that is whole',
      [
        { url: sized('s512x512_c1'), width: 512, height: 512 },
        { url: sized('s250x400'), width: 250, height: 167 },
      ],
      sized('s250x400'),
    ],
    [
      'a foreign copy is behind the own',
      [
        { url: 'https://mirror.example/a.jpg', width: 4000, height: 3000 },
        { url: old('_1280'), width: 1280, height: 960 },
      ],
      old('_1280'),
    ],
    [
      'a shut store is behind all that is open',
      [
        { url: `https://s3.amazonaws.com/data.tumblr.com/${directory}/tumblr_fern01qzo1_raw.jpg` },
        { url: old('_1280') },
      ],
      old('_1280'),
    ],
  ] satisfies [string, Size[], string][])('%s', (_what, sizes, url) => {
    expect(chosen('image', sizes).url).toBe(url);
    expect(chosen('image', sizes.toReversed()).url).toBe(url);
  });

  it('states the size of the chosen address alone', () => {
    const { width, height } = chosen('image', [
      { url: sized('s2048x3072') },
      { url: sized('s640x960'), width: 640, height: 480 },
    ]);
    expect([width, height]).toEqual([undefined, undefined]);
  });

  it('keeps at most twelve alternates', () => {
    const sizes = Array.from({ length: 40 }, (_, nth) => ({
      url: sized(`s${100 + nth}x900`),
      width: 100 + nth,
    }));
    const { url, alternates } = chosen('image', sizes);
    expect([url, alternates.length]).toEqual([sized('s139x900'), 12]);
  });
});

describe('the page that names the original', () => {
  const whole = [
    { url: sized('s640x960'), width: 640, height: 480 },
    { url: sized('s500x750'), width: 500, height: 375 },
  ];
  const page = sized('s99999x99999').replace('s99999x99999token', '');

  it.each([
    ['exactly 2048 wide', [...whole, { url: sized('s2048x3072'), width: 2048, height: 1536 }]],
    ['exactly 3072 high', [...whole, { url: sized('s2048x3072'), width: 1100, height: 3072 }]],
    ['of the top box and of no stated size', [...whole, { url: sized('s2048x3072') }]],
    [
      'exactly 1280 wide at the end of a ladder',
      [...whole, { url: sized('s1280x1920'), width: 1280, height: 960 }],
    ],
    ['all that a text names of it', [{ url: sized('s2048x3072') }]],
  ] satisfies [string, Size[]][])('is asked of a picture that is %s', (_what, sizes) => {
    expect(chosen('image', sizes).larger?.replace(/s\d+x\d+token/, '')).toBe(page);
  });

  it.each([
    ['smaller than the top box', [...whole, { url: sized('s2048x3072'), width: 1536, height: 1152 }]],
    [
      'the largest of a ladder, smaller than its box',
      [...whole, { url: sized('s1280x1920'), width: 1100, height: 825 }],
    ],
    [
      'the largest of a ladder that ends with it',
      [...whole, { url: sized('s400x600'), width: 400, height: 300 }],
    ],
    [
      'of a ladder, and said to be the original',
      [...whole, { url: sized('s1280x1920'), width: 1280, height: 960, isOriginal: true }],
    ],
    ['said to be the original', [{ url: sized('s640x960'), width: 640, height: 480, isOriginal: true }]],
    ['the original by its address', [{ url: sized('s99999x99999') }]],
    ['of the old style', [{ url: old('_1280'), width: 1280, height: 960 }]],
    ['cut', [{ url: sized('s2048x3072_c1') }]],
    ['a foreign one', [{ url: 'https://pond.example/s2048x3072/a.jpg', width: 2048, height: 1000 }]],
  ] satisfies [string, Size[]][])('is not asked of a picture that is %s', (_what, sizes) => {
    expect(chosen('image', sizes).larger).toBeUndefined();
  });
});

describe('addresses that promise more than the named one', () => {
  const tumblr = 'https://va.media.tumblr.com/tumblr_pond9';
  const audio = 'https://a.tumblr.com/tumblr_wren3o1.mp3';
  const player = 'https://www.tumblr.com/audio_file/fern/901/tumblr_wren3';
  const raw = `http://data.tumblr.com/${directory}/tumblr_fern01qzo1_raw.jpg`;

  it.each([
    ['image', [{ url: old('_500') }], [old('_1280'), old('_500')]],
    ['image', [{ url: old('_500'), width: 500, height: 375 }], [old('_1280'), old('_500')]],
    ['image', [{ url: old('_500'), width: 433, height: 375 }], [old('_500')]],
    [
      'image',
      [{ url: old('_500') }, { url: old('_400') }, { url: old('_250') }],
      [old('_500'), old('_400'), old('_250')],
    ],
    ['image', [{ url: old('_500', 'gif') }], [old('_500', 'gif')]],
    ['image', [{ url: old('_500', 'gifv') }], [old('_500', 'gif'), old('_500', 'gifv')]],
    ['image', [{ url: old('_1280', 'pnj') }], [old('_1280', 'png'), old('_1280', 'pnj')]],
    [
      'image',
      [{ url: old('_540', 'pnj') }],
      [old('_1280', 'png'), old('_1280', 'pnj'), old('_540', 'png'), old('_540', 'pnj')],
    ],
    [
      'image',
      [{ url: sized('s640x960', 0, 'pnj') }],
      [sized('s640x960', 0, 'png'), sized('s640x960', 0, 'pnj')],
    ],
    ['image', [{ url: raw }], [old('_1280'), raw]],
    ['image', [{ url: 'https://pond.example/a_500.pnj' }], ['https://pond.example/a_500.pnj']],
    ['video', [{ url: `${tumblr}_480.mp4` }], [`${tumblr}.mp4`, `${tumblr}_480.mp4`]],
    [
      'video',
      [{ url: `${tumblr}_720.mp4` }, { url: `${tumblr}.mp4` }],
      [`${tumblr}.mp4`, `${tumblr}_720.mp4`],
    ],
    [
      'video',
      [{ url: `https://fern.tumblr.com/video_file/t:Ab/901/tumblr_pond9/480` }],
      [
        'https://fern.tumblr.com/video_file/t:Ab/901/tumblr_pond9',
        'https://fern.tumblr.com/video_file/t:Ab/901/tumblr_pond9/480',
      ],
    ],
    ['audio', [{ url: `${audio}?play_key=1` }], [audio, `${audio}?play_key=1`]],
    ['audio', [{ url: player }], [audio, player]],
    ['audio', [{ url: `${player}o1` }], [audio, `${player}o1`]],
  ] satisfies [Kind, Size[], string[]][])('stand before it, for %s %j', (kind, sizes, expected) => {
    const { url, alternates } = chosen(kind, sizes);
    expect([url, ...alternates]).toEqual(expected);
  });

  it('have the size of the named one where only the encoding differs', () => {
    const { width } = chosen('image', [
      { url: sized('s640x960', 0, 'pnj'), width: 600, height: 400, isOriginal: true },
    ]);
    expect(width).toBe(600);
  });
});

describe('a medium is one by its key', () => {
  it('wherever it is named, and has all the sizes that were', () => {
    const items = itemsOf((found) => {
      found.addHtml(`<img src="${sized('s640x960')}">`);
      found.add('image', [{ url: sized('s1280x1920', 1), width: 1280, height: 960 }]);
      found.add('image', [{ url: sized('s1280x1920'), width: 1280, height: 960 }]);
      found.addHtml(`<p>once more</p><img src="${sized('s400x600').replace('64.media', '78.media')}">`);
    });
    expect(items.map(({ id, index }) => [id, index])).toEqual([
      [idOf(0), 0],
      [idOf(1), 1],
    ]);
    expect(items[0]!.url).toBe(sized('s1280x1920'));
    expect(items[0]!.alternates).toEqual([
      sized('s640x960'),
      sized('s400x600').replace('64.media', '78.media'),
    ]);
  });

  it('that the platform tells, or its addresses have', () => {
    const told = `${directory}:1122334455667780-9a`;
    const items = itemsOf((found) => {
      found.add('image', [{ url: 'https://cdn.example/a.jpg' }], told);
      found.add('image', [{ url: sized('s640x960') }]);
      found.add('image', [{ url: 'https://cdn.example/b.jpg' }], 'no key <at> all');
    });
    expect(items.map(({ id }) => id)).toEqual([idOf(0), 'https://cdn.example/b.jpg']);
  });

  it('which a picture, its revision, its neighbours and the still of a film do not share', () => {
    const names = [
      'fern01qzo1_500.jpg',
      'fern01qzo2_500.jpg',
      'fern01qzo1_r1_500.jpg',
      'pond9_smart1.jpg',
      'pond9_frame1.jpg',
    ];
    const items = itemsOf((found) => {
      for (const name of names) found.add('image', [{ url: `${media}/tumblr_${name}` }]);
      found.add('video', [{ url: 'https://va.media.tumblr.com/tumblr_pond9.mp4' }]);
    });
    expect(items.map(({ id }) => id)).toEqual([
      'tumblr:fern01qzo1',
      'tumblr:fern01qzo2',
      'tumblr:fern01qzo1_r1',
      'tumblr:pond9_smart1',
      'tumblr:pond9_frame1',
      'tumblr:pond9',
    ]);
  });

  it('but never a picture and a film', () => {
    const items = itemsOf((found) => {
      found.add('image', [{ url: `${media}/tumblr_pond9_500.jpg` }]);
      found.add('video', [{ url: 'https://va.media.tumblr.com/tumblr_pond9.mp4' }]);
      found.add('video', [{ url: 'https://va.media.tumblr.com/tumblr_pond9.mp4' }]);
    });
    expect(items.map(({ kind }) => kind)).toEqual(['image', 'video']);
    expect(new Set(items.map(({ id }) => id)).size).toBe(2);
  });

  it('or by its address, where it has none', () => {
    const items = itemsOf((found) => {
      found.add('image', [{ url: 'HTTPS://Pond.example:443/a.jpg#top' }]);
      found.addHtml('<img src="https://pond.example/a.jpg">');
    });
    expect(items.map(({ id }) => id)).toEqual(['https://pond.example/a.jpg']);
  });
});

describe('in HTML', () => {
  const npf = (block: unknown) => JSON.stringify(block);
  const encoded = (text: string) => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
  const film = {
    type: 'video',
    provider: 'tumblr',
    url: 'https://va.media.tumblr.com/tumblr_pond9.mp4',
    media: {
      url: 'https://va.media.tumblr.com/tumblr_pond9.mp4',
      type: 'video/mp4',
      width: 1280,
      height: 720,
    },
    poster: [{ url: `${media}/tumblr_pond9_frame1.jpg`, type: 'image/jpeg', width: 1280, height: 720 }],
    filmstrip: { url: `${media}/previews/tumblr_pond9_filmstrip.jpg`, width: 2000, height: 112 },
  };

  it('the widths of a srcset are those of its addresses', () => {
    const html = `<figure class="tmblr-full" data-orig-height="1152" data-orig-width="1536"><img src="${sized('s640x960')}"
      srcset="${sized('s75x75_c1')} 75w, ${sized('s640x960')} 640w, ${sized('s2048x3072')} 1536w"></figure>`;
    expect(itemsOf((found) => found.addHtml(html))).toEqual([
      {
        id: idOf(0),
        kind: 'image',
        url: sized('s2048x3072'),
        alternates: [sized('s640x960'), sized('s75x75_c1')],
        width: 1536,
        ...post,
        index: 0,
      },
    ]);
  });

  it.each([
    [
      'single-quoted',
      `<figure data-npf='${npf(film)}'><video poster="${film.poster[0]!.url}"><source src="${film.url}"></video></figure>`,
    ],
    ['entity-encoded, without the film itself', `<figure data-npf="${encoded(npf(film))}"></figure>`],
    ['with numbers for entities', `<figure data-npf="${npf(film).replaceAll('"', '&#34;')}"></figure>`],
    [
      'with media and poster as lists and objects',
      `<figure data-npf='${npf({ ...film, media: [film.media], poster: film.poster[0] })}'></figure>`,
    ],
  ])('a block of JSON is read: %s', (_how, html) => {
    const items = itemsOf((found) => found.addHtml(html));
    expect(items.map(({ id, kind, width }) => [id, kind, width])).toEqual([
      ['tumblr:pond9', 'video', 1280],
      ['tumblr:pond9_frame1', 'image', 1280],
    ]);
  });

  it.each([
    '{',
    '[]',
    'null',
    '"x"',
    '[['.repeat(5000),
    `"${'x'.repeat(300_000)}"`,
    '{"type":"hologram"}',
    '{"__proto__":{"type":"video"}}',
  ])('a block that is none costs nothing but itself: %#', (text) => {
    const found = new PostMedia(post);
    found.addHtml(
      `<figure data-npf='${text}'><img src="${sized('s640x960')}"></figure><img src="${sized('s640x960', 1)}">`,
    );
    expect(found.items.map(({ id }) => id)).toEqual([idOf(0), idOf(1)]);
    expect(found.faults).toBe('a figure whose description cannot be read (1 ×)');
  });

  it('galleries keep their order', () => {
    const cell = (nth: number) =>
      `<div class="npf_col"><figure><img src="${sized('s540x810', nth)}"></figure></div>`;
    expect(
      htmlIds(`<div class="npf_row">${cell(3)}${cell(1)}</div><div class="npf_row">${cell(2)}</div>`),
    ).toEqual([idOf(3), idOf(1), idOf(2)]);
  });

  it('a copy and what it was copied from are one', () => {
    const copy = `${media}/${directory}/tumblr_inline_copy1_540.jpg`;
    const original = `${media}/${directory}/tumblr_inline_first1_1280.jpg`;
    const items = itemsOf((found) => {
      found.addHtml(
        `<img src="${copy}" data-orig-src="${original}" data-orig-width="900" data-orig-height="600">`,
      );
      found.addHtml(`<p><img src="${copy}"></p>`);
      found.addHtml(`<p><img src="${original}"></p>`);
    });
    expect(items.map(({ id, url, width }) => [id, url, width])).toEqual([
      ['tumblr:inline_first1', original, 900],
    ]);
  });

  it('a copy and its original are one also where each was met before it was known', () => {
    const [copy, original] = ['copy1_540', 'first1_1280'].map((name) => `${media}/tumblr_inline_${name}.jpg`);
    const items = itemsOf((found) => {
      found.addHtml(`<img src="${copy}"><img src="${sized('s640x960')}"><p><img src="${original}">`);
      found.addHtml(`<img src="${copy}" data-orig-src="${original}">`);
      found.addHtml(`<b><img src="${copy}"></b><i><img src="${original}"></i>`);
    });
    expect(items.map(({ id, url, alternates }) => [id, url, alternates])).toEqual([
      ['tumblr:inline_first1', original, [copy]],
      [idOf(0), sized('s640x960'), []],
    ]);
  });

  it('a picture that leads to another is none of its sizes', () => {
    const link = (to: string) => `<a href="${to}"><img src="${sized('s540x810')}"></a>`;
    expect(htmlIds(link(sized('s1280x1920', 1)))).toEqual([idOf(1), idOf(0)]);
    expect(htmlIds(link(sized('s1280x1920')))).toEqual([idOf(0)]);
    expect(htmlIds(link('https://pond.example/big.jpg'))).toEqual(['https://pond.example/big.jpg', idOf(0)]);
  });

  it('what stands in for a picture, or shows a film as a strip, is left out', () => {
    expect(
      htmlIds(`<img src="https://assets.tumblr.com/images/inline_placeholder.png" data-orig-src="${sized('s640x960')}">
        <img src="${media}/previews/tumblr_pond9_filmstrip.jpg"><img src="data:image/gif;base64,AAAA">`),
    ).toEqual([idOf(0)]);
  });

  it('relative addresses are those of the export that has them', () => {
    const asked: string[] = [];
    const found = new PostMedia(post, {
      page: 'posts/html/901.html',
      resolve: (path) => {
        asked.push(path);
        return path.endsWith('_9.jpg') ? undefined : `export:${path}`;
      },
    });
    found.addHtml(`<img src="../../media/901_0.jpg"><img src="../../../../etc/passwd.jpg"><img src="../../media/901_9.jpg">
      <figure data-npf='{"type":"video","media":{"url":"../../media/901_1.mp4"},"poster":[{"url":"${sized('s640x960')}"}]}'></figure>`);
    found.add('image', [{ url: sized('s640x960', 1) }, { url: '../../media/901_2.png' }]);
    expect(found.items.map(({ id, kind, url, alternates }) => [id, kind, url, alternates])).toEqual([
      ['export:media/901_0.jpg', 'image', 'export:media/901_0.jpg', []],
      ['export:etc/passwd.jpg', 'image', 'export:etc/passwd.jpg', []],
      ['export:media/901_1.mp4', 'video', 'export:media/901_1.mp4', []],
      [idOf(0), 'image', sized('s640x960'), []],
      [idOf(1), 'image', 'export:media/901_2.png', [sized('s640x960', 1)]],
    ]);
    expect(new Set(asked)).toEqual(
      new Set(['media/901_0.jpg', 'etc/passwd.jpg', 'media/901_9.jpg', 'media/901_1.mp4', 'media/901_2.png']),
    );
  });
});

describe('what is too much', () => {
  it('is left out, and told', () => {
    const found = new PostMedia(post);
    for (let nth = 0; nth < 10_010; nth++) found.add('image', [{ url: `https://pond.example/${nth}.jpg` }]);
    found.add('image', [{ url: 'https://pond.example/0.jpg' }]);
    found.add('image', [{ url: 'javascript:alert(1)' }, { url: '' }, { url: 'http://' }]);
    expect(found.items.length).toBe(10_000);
    expect(found.faults).toBe(
      'a medium more than a post may have (10 ×), an address that makes no sense, or is endless (2 ×)',
    );
  });

  it('is bounded by the letters of all addresses as well', () => {
    const found = new PostMedia(post);
    const long = 'x'.repeat(8000);
    for (let nth = 0; nth < 3000; nth++) found.add('image', [{ url: `https://pond.example/${nth}/${long}` }]);
    expect(found.items.length).toBeLessThan(2 ** 24 / 8000);
    expect(found.items.length).toBeGreaterThan(2000);
  });
});
