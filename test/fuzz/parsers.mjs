import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const dist = new URL('../../dist/', import.meta.url);
const load = (path) => import(new URL(path, dist).href);

/** Parsers that no fixture reaches by itself, each with seeds from the fixtures. */
export async function parsers(fixtures) {
  const [
    { readMarkup },
    { readSrcset },
    { readLinkedData },
    { parseLinks },
    { readDate },
    { readV1Json },
    { readV1Xml },
    { readValue },
  ] = await Promise.all(
    [
      'sources/markup.js',
      'sources/srcset.js',
      'sources/json-ld.js',
      'net/link-format.js',
      'sources/date.js',
      'sources/tumblr/v1-json.js',
      'sources/tumblr/v1-xml.js',
      'sources/json-stream.js',
    ].map(load),
  );
  const seeds = (folder, ending) => filesIn(join(fixtures, folder), ending);
  const html = seeds('markup', /\.html$/);
  return [
    ['markup', html, (text) => readMarkup(text, { base: 'https://moss.example/' })],
    [
      'srcset',
      ['a.jpg 1x, b.jpg 2x', '/w_1456,c_limit/a.jpg 1456w, data:image/png;base64,AA== 2x'],
      readSrcset,
    ],
    [
      'linked data',
      ['{"@graph":[{"@type":"Article","image":{"url":"/a.jpg"},"datePublished":"2024-01-02"}]}'],
      readLinkedData,
    ],
    ['links', ['<https://a.example/>; rel="next"; title="a, b", </x>; rel=prev'], parseLinks],
    ['dates', ['Mon, 06 May 2024 07:08:09 +0200', '2024-05-06T07:08:09.123Z', '1714979289'], readDate],
    ['tumblr v1, JSON', seeds('tumblr-v1', /\.json$/), readV1Json],
    ['tumblr v1, XML', seeds('tumblr-v1', /\.xml$/), readV1Xml],
    ['one value of JSON', seeds('tumblr-posts', /\.json$/), readValue],
  ].filter(([, texts]) => texts.length > 0);
}

const filesIn = (path, ending) =>
  statSync(path).isDirectory()
    ? readdirSync(path).flatMap((entry) => filesIn(join(path, entry), ending))
    : ending.test(path)
      ? [readFileSync(path, 'latin1')]
      : [];
