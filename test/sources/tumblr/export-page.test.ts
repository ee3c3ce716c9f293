import { expect, it, test } from 'vitest';
import { dateOfPage, readExportPage } from '../../../src/sources/tumblr/export-page.ts';

const footer =
  '<div id="footer"><span id="timestamp"> May 1st, 2020 1:02am </span> <span class="tag">a b</span></div>';

test.each<[string, string, object]>([
  [
    'all there is',
    `<html><head><title>t</title></head><body>\n<h1> Moss &amp;\n fern </h1>\n<p>x</p>${footer}</body></html>`,
    { title: 'Moss & fern', html: '<p>x</p>', timestamp: 'May 1st, 2020 1:02am', tags: ['a b'] },
  ],
  [
    'no title',
    `<body><p>x</p>${footer}</body>`,
    { html: '<p>x</p>', timestamp: expect.any(String), tags: ['a b'] },
  ],
  [
    'a heading of its author',
    '<body><p>x</p><h1>own</h1></body>',
    { html: '<p>x</p><h1>own</h1>', tags: [] },
  ],
  ['two headings', '<body><h1>one</h1><h1>two</h1></body>', { title: 'one', html: '<h1>two</h1>', tags: [] }],
  [
    'what looks like a footer in the post',
    `<body><div id="footer"><span class="tag">x</span></div>${footer}</body>`,
    {
      html: '<div id="footer"><span class="tag">x</span></div>',
      timestamp: expect.any(String),
      tags: ['a b'],
    },
  ],
  [
    'what looks like a tag in the post',
    '<body><span class="tag">x</span></body>',
    { html: '<span class="tag">x</span>', tags: [] },
  ],
  ['no footer', '<body>x</body></html>', { html: 'x', tags: [] }],
  ['no body', '<p>x</p>', { html: '<p>x</p>', tags: [] }],
  ['nothing', '', { html: '', tags: [] }],
  ['a tag left open', '<body>x<div id="footer"><span class="tag">a', { html: 'x', tags: ['a'] }],
])('a page with %s', (_, page, expected) => {
  expect(readExportPage(page)).toEqual(expected);
});

test.each([
  ['January 5th, 2024 7:32pm', '2024-01-05T19:32:00.000Z'],
  ['february 22nd, 2012 12:00am', '2012-02-22T00:00:00.000Z'],
  ['March 3rd, 2012 12:59pm', '2012-03-03T12:59:00.000Z'],
  ['December 31, 2009 23:59', '2009-12-31T23:59:00.000Z'],
  ['2014-03-01 12:00:00 GMT', '2014-03-01T12:00:00.000Z'],
  ['February 30th, 2024 1:00am', null],
  ['January 5th, 2024 13:00pm', null],
  ['January 5th, 2024 0:30am', null],
  ['Smarch 13th, 2014 12:00pm', null],
  ['yesterday', null],
  ['January 5th, 99999999 7:32pm', null],
  ['', null],
  [undefined, null],
])('G11 the time %s is %s', (text, expected) => {
  expect(dateOfPage(text)).toBe(expected);
});

it.each([
  ['headings', '<h1>x'.repeat(40_000)],
  ['spans', '<span class="tag">'.repeat(20_000)],
  ['footers', '<div id="footer">x'.repeat(20_000)],
  ['tags', `<div id="footer">${'<span class="tag">x</span>'.repeat(20_000)}`],
])('G12 a page of nothing but %s is read like any other of its length', (_, page) => {
  const { tags, html } = readExportPage(`<body>${page}`);
  expect(tags.length).toBeLessThanOrEqual(1000);
  expect(html.length).toBeLessThanOrEqual(page.length);
});
