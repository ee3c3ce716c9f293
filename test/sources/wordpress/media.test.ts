import { describe, expect, it } from 'vitest';
import { readMarkup } from '../../../src/sources/markup.ts';
import { markupOfWordPress, sizesOf, uploadOf } from '../../../src/sources/wordpress/media.ts';
import { busyTime } from '../../helpers/busy.ts';

const folder = 'https://blog.example/wp-content/uploads/2024/05';

describe('the addresses of uploads', () => {
  it('asks for the upload before the size that was made of it', () => {
    expect(sizesOf(`${folder}/pond-1024x683.jpg`)).toEqual({
      url: `${folder}/pond.jpg`,
      alternates: [`${folder}/pond-scaled.jpg`, `${folder}/pond-1024x683.jpg`],
    });
    expect(sizesOf(`${folder}/pond-scaled.jpg`)).toEqual({
      url: `${folder}/pond.jpg`,
      alternates: [`${folder}/pond-scaled.jpg`],
    });
    expect(sizesOf(`${folder}/pond-rotated.jpeg`).url).toBe(`${folder}/pond.jpeg`);
  });

  it('never takes a guess for what an address stands for', () => {
    expect(uploadOf(`${folder}/pond-1024x683.jpg`)).toBe(`${folder}/pond-1024x683.jpg`);
    expect(uploadOf(`${folder}/pond-scaled.jpg`)).toBe(`${folder}/pond-scaled.jpg`);
  });

  it.each([
    `${folder}/pond.jpg`,
    `${folder}/pond-10x20-b.jpg`,
    `${folder}/-300x200.jpg`,
    `${folder}/pond-300x200.mp4`,
    `${folder}/pond-300x200.jpg?token=1`,
    'https://blog.example/art/pond-300x200.jpg',
    'https://tarn.files.wordpress.com/2024/05/pond-300x200.jpg',
    'https://tarn.wordpress.com/wp-content/uploads/2024/05/pond-300x200.jpg',
  ])('leaves %s as it is', (url) => {
    expect(sizesOf(url)).toEqual({ url, alternates: [] });
  });

  it.each([
    ['https://i2.wp.com/blog.example/a/pond.jpg?fit=640%2C480&ssl=1', 'https://blog.example/a/pond.jpg'],
    ['http://i0.wp.com/blog.example/a/pond.jpg?w=300', 'http://blog.example/a/pond.jpg'],
    ['https://i0.wp.com/i1.wp.com/blog.example/a/pond.jpg?ssl=1', 'http://blog.example/a/pond.jpg'],
    [
      'https://tarn.files.wordpress.com/2024/05/p.jpg?w=300&h=200',
      'https://tarn.files.wordpress.com/2024/05/p.jpg',
    ],
    [
      'https://tarn.files.wordpress.com/2024/05/p.jpg?k=1&w=300',
      'https://tarn.files.wordpress.com/2024/05/p.jpg?k=1',
    ],
    [
      'https://tarn.wordpress.com/wp-content/uploads/2024/05/p.jpg?resize=9,9',
      'https://tarn.wordpress.com/wp-content/uploads/2024/05/p.jpg',
    ],
    ['https://i0.wp.com/latex.php?w=3', 'https://i0.wp.com/latex.php?w=3'],
    ['https://blog.example/picture?w=3', 'https://blog.example/picture?w=3'],
  ])('knows what %s stands for', (url, upload) => {
    expect(uploadOf(url)).toBe(upload);
    expect([sizesOf(url).url, ...sizesOf(url).alternates]).toContain(url);
  });

  it('takes time that grows with the length alone', () => {
    const busy = busyTime();
    for (const part of ['-1x1', '/uploads/', '-scaled', '?w=1', '&w=1', 'i0.wp.com/', '/2024/05/'])
      sizesOf(`https://i0.wp.com/blog.example/wp-content/uploads/${part.repeat(100_000 / part.length)}.jpg`);
    expect(busy()).toBeLessThan(1000);
  });
});

describe('the markup of a post', () => {
  const media = (html: string) =>
    readMarkup(html, { base: 'https://blog.example/2024/05/pond/', ...markupOfWordPress }).media;

  it('joins the sizes of a picture server, and knows the file behind a preview', () => {
    const html = `<img data-orig-file="https://i0.wp.com/blog.example/wp-content/uploads/2024/05/pond.jpg?fit=9%2C9&ssl=1"
      src="https://i0.wp.com/blog.example/wp-content/uploads/2024/05/pond.jpg?resize=9%2C9&ssl=1">`;
    expect(media(html)).toEqual([{ kind: 'image', url: `${folder}/pond.jpg`, alternates: [] }]);
  });

  it('finds files that are shown as links, once, and no pages', () => {
    const html = `<div class="wp-block-file"><object data="${folder}/map.pdf" type="application/pdf"></object>
      <a href="${folder}/map.pdf">Map</a><a class="wp-block-file__button" href="${folder}/map.pdf" download>Get</a></div>
      <a href="/2024/05/other/">other</a><a href="https://blog.example/wp-content/uploads/">list</a>`;
    expect(media(html)).toEqual([{ kind: 'file', url: `${folder}/map.pdf`, alternates: [] }]);
  });
});
