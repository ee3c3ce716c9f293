import { describe, expect, test } from 'vitest';
import { type Behaviour, behaves, cuts, fails, serves, servesHtmlAs } from '../../../src/demo/behaviours.ts';
import type { MediaItem } from '../../../src/model.ts';
import { hostsOf } from '../../../src/sources/tumblr/addresses.ts';
import { openLarger, originalIn } from '../../../src/sources/tumblr/larger.ts';
import { PostMedia } from '../../../src/sources/tumblr/media.ts';
import { withFakeBlog } from '../../helpers/fake-blog.ts';
import { itemOf } from '../../helpers/parcels.ts';
import { testContext } from '../../helpers/source-suite.ts';

const key = '0a1b2c3d4e5f60718293a4b5c6d7e8f9/00112233445566aa-1f';
const mediaKey = key.replace('/', ':');
const at = (size: string, token: string, host = 'https://64.media.tumblr.com') =>
  `${host}/${key}/${size}/${token.repeat(10)}.jpg`;

const reduced = at('s2048x3072', 'ab01');
const larger = at('s99999x99999', 'ab01');
const full = at('s4000x6000', 'cd02');

const item = itemOf({ id: `tumblr:${mediaKey}`, url: reduced, larger, width: 2048, height: 3072 });

const image = (url: string, width: unknown, height: unknown, more: object = {}) => ({
  mediaKey,
  url,
  type: 'image/jpeg',
  width,
  height,
  hasOriginalDimensions: false,
  ...more,
});
const original = image(full, 4000, 6000, { hasOriginalDimensions: true });
const small = [image(reduced, 2048, 3072), image(at('s640x960', 'ef03'), 640, 960)];

const state = (imageResponse: unknown) =>
  `{"routeName":"image","words":"a \\"}{ b","ImageUrlPage":{"photo":{"imageResponse":${
    typeof imageResponse === 'string' ? imageResponse : JSON.stringify(imageResponse)
  },"likes":12345678901234567890}}}`;

const page = (json: string) => `<!DOCTYPE html><html><head><title>Image</title></head><body>
<script type="application/json" id="___INITIAL_STATE___">${json}</script><p>Ferns</p></body></html>`;

const found = { url: full, width: 4000, height: 6000 };

describe('the original that a page names', () => {
  test.each<[string, string, unknown]>([
    ['is the largest of a list', page(state([...small, original])), found],
    ['of an object with holes', page(state({ 0: original, 2: small[0], 7: null })), found],
    ['of a list with holes', page(state([null, small[0], null, original])), found],
    ['of sizes that are texts', page(state([image(full, '4000', '6000'), ...small])), found],
    [
      'of a state that a script sets',
      `<script>window['___INITIAL_STATE___'] = ${state([original])};</script>`,
      found,
    ],
    ['of a state whose other parts are no JSON', `${page('{a:undefined,')}${state([original])}`, found],
    ['of addresses with escapes', page(state(JSON.stringify([original]).replaceAll('/', '\\u002F'))), found],
    ['behind lists of others', page(`${state(null)}${state([])}${state([original])}`), found],
    [
      'at equal size is the one with its own dimensions',
      page(state([image(at('s4000x6000', 'dd04'), 4000, 6000), original])),
      found,
    ],
    [
      'without a key of its own has that of its address',
      page(state([{ ...original, mediaKey: undefined }])),
      found,
    ],

    ['is none: the same address', page(state([image(reduced, 2048, 3072)])), undefined],
    [
      'is none: the same address, encoded otherwise',
      page(state([image(reduced.replace('.jpg', '.pnj'), 2049, 3073)])),
      undefined,
    ],
    ['is none: all are smaller', page(state(small.slice(1))), undefined],
    ['is none: of the same size', page(state([image(full, 3072, 2048)])), undefined],
    ['is none: the address of the page itself', page(state([image(larger, 9000, 9000)])), undefined],
    [
      'is none: of another picture',
      page(state([image(full.replace('0a1b', 'ffff'), 4000, 6000)])),
      undefined,
    ],
    ['is none: another key', page(state([{ ...original, mediaKey: 'a:b' }])), undefined],
    [
      'is none: no address of the web',
      page(state([{ ...original, url: `file:///${key}/s1x1/a.jpg` }])),
      undefined,
    ],
    ['is none: cut to a square', page(state([image(at('s4000x4000_c1', 'cd02'), 4000, 4000)])), undefined],
    [
      'is none: a still of what moves',
      page(state([image(at('s4000x6000_f1', 'cd02'), 4000, 6000)])),
      undefined,
    ],
    ['is none: a relative address', page(state([{ ...original, url: new URL(full).pathname }])), undefined],
    [
      'is none: sizes that make no sense',
      page(state([-1, 0, 1.5, 1e9, '9e9', null, {}, [], true].map((side) => ({ ...original, width: side })))),
      undefined,
    ],
    ['is none: entries that are none', page(state([1, 'a', [], true, {}])), undefined],
    ['is none: a text', page(state('"https://64.media.tumblr.com/"')), undefined],
    ['is none: no JSON', page(state('[{url:undefined}]')), undefined],
    ['is none: cut', page(state([original])).slice(0, 300), undefined],
    ['is none: no state', '<p>Ferns</p>', undefined],
    ['is none: nothing', '', undefined],
  ])('%s', (_, html, expected) => {
    expect(originalIn(html, item)).toEqual(expected);
  });

  test.each<[string, Partial<MediaItem>, object[], unknown]>([
    [
      'is measured by what the page says of its own address',
      {},
      [image(reduced, 2048, 1000), image(full, 2048, 1001)],
      { url: full, width: 2048, height: 1001 },
    ],
    ['is what is not known yet, where no size is known', {}, [original], found],
    [
      'is none of those that are known, where no size is known',
      { alternates: [full] },
      [original],
      undefined,
    ],
    [
      'is one of those that are known, if it is the larger one',
      { alternates: [full] },
      [original, small[0]!],
      found,
    ],
  ])('%s', (_, given, images, expected) => {
    const { width: _w, height: _h, ...bare } = item;
    expect(originalIn(page(state(images)), { ...bare, ...given })).toEqual(expected);
  });

  test('is none of an item whose address has no key', () => {
    const other = itemOf({ url: 'https://64.media.tumblr.com/tumblr_abc_1280.jpg' });
    expect(originalIn(page(state([original])), other)).toBeUndefined();
  });
});

/** Four million letters: what went back for each of them would not end within the test. */
describe('a hostile page', () => {
  const most = 4 * 2 ** 20;
  const filled = (piece: string) => piece.repeat(Math.floor(most / piece.length));
  test.each([
    ['braces', `"imageResponse":${filled('{').slice(20)}`],
    ['brackets that close', `"imageResponse":${filled('[]').slice(20)}`],
    ['names', filled('"imageResponse"')],
    ['lists that never end', filled('"imageResponse":[')],
    ['lists that nest', filled('{"imageResponse":')],
    ['empty lists', filled('"imageResponse":[]')],
    ['blanks', `"imageResponse"${filled(' ').slice(20)}`],
    ['a text without end', `"imageResponse":["${filled('\\"').slice(20)}`],
    ['entries', `"imageResponse":[${filled('{},').slice(20)}{}]`],
    ['more lists than are read', page('"imageResponse":[]'.repeat(16) + state([original]))],
    ['more than is read', page(state([original])) + filled(' ')],
  ])('of %s has no original', (_, html) => {
    expect(originalIn(html, item)).toBeUndefined();
  });
});

/** A page as the server gives it: which answer, and what it was asked with. */
async function ask(behaviour: Behaviour, given: Partial<MediaItem> = {}) {
  const path = new URL(larger).pathname;
  return withFakeBlog({ [path]: behaviour }, async ({ url, requests }) => {
    const asked = { ...item, larger: url + path, ...given };
    const said = await openLarger(testContext())(asked).catch((error: Error) => error);
    return { said, requests, url };
  });
}

describe('the page of a picture', () => {
  test('is asked for as a page, for otherwise the picture would come, or nothing', async () => {
    const { said, requests } = await ask(servesHtmlAs('text/html', page(state([original]))));
    expect(said).toEqual(found);
    expect(requests.map(({ headers }) => headers.accept)).toEqual(['text/html']);
  });

  test.each<[string, Behaviour]>([
    ['that is gone', fails(404)],
    ['of which no size is larger', servesHtmlAs('text/html', page(state(small)))],
  ])('%s settles it: there is none', async (_, behaviour) => {
    expect((await ask(behaviour)).said).toBeUndefined();
  });

  test.each<[string, Behaviour, RegExp]>([
    ['in trouble', fails(503), /it answers 503/],
    ['that is refused', fails(403), /it answers 403/],
    ['that is a picture', serves(Buffer.from('GIF89a'), { type: 'image/gif' }), /it answers image\/gif/],
    ['without a state', servesHtmlAs('text/html', '<p>Please wait.</p>'), /none of its sizes/],
    [
      'of another picture',
      servesHtmlAs('text/html', page(state([{ ...original, mediaKey: 'a:b' }]))),
      /none of its sizes/,
    ],
    ['that breaks off', cuts(page(state([original])), { type: 'text/html' }).after(200), /breaks off/],
    [
      'without end',
      behaves(({ response }) => {
        response.writeHead(200, { 'content-type': 'text/html' });
        response.end(page(state([original])) + ' '.repeat(4 * 2 ** 20));
      }),
      /no end/,
    ],
  ])('%s leaves it open', async (_, behaviour, words) => {
    const { said } = await ask(behaviour);
    expect(said).toMatchObject({ code: 'ERR_SOURCE', message: expect.stringMatching(words) });
  });

  test('of a reduced picture of a post names its original', async () => {
    const { pathname } = new URL(larger);
    await withFakeBlog(
      { [pathname]: servesHtmlAs('text/html', page(state([original]))) },
      async ({ url }) => {
        const media = new PostMedia({ post: '1', date: null }, { ownHosts: hostsOf(url) });
        media.add('image', [{ url: url + new URL(reduced).pathname, width: 2048, height: 3072 }]);
        expect(media.items).toMatchObject([{ id: `tumblr:${mediaKey}`, larger: url + pathname }]);
        expect(await openLarger(testContext())(media.items[0]!)).toEqual(found);
      },
    );
  });

  test('is not asked for where the item has none', async () => {
    const { said, requests } = await ask(fails(500), { larger: undefined as never });
    expect([said, requests.length]).toEqual([undefined, 0]);
  });
});
