import { describe, expect, it } from 'vitest';
import { readImage } from '../../../src/sources/blogger/images.ts';
import { readPost } from '../../../src/sources/blogger/post.ts';
import { streamIn } from '../../../src/sources/blogger/video-page.ts';
import { busyTime } from '../../helpers/busy.ts';

const path = '-aB/Xy/AAA/q_R';
const bp = `https://2.bp.blogspot.com/${path}`;
const id = 'AVvXsEfern0000000000000000';

describe('the address of a picture', () => {
  it.each([
    [`${bp}/s1600/a.jpg`, 1600],
    [`${bp}/s320/a.jpg`, 320],
    [`${bp}/w640-h480/a.jpg`, 640],
    [`${bp}/s200-rw/a.jpg`, 200],
    [`${bp}/s72-c/a.jpg`, 0],
    [`${bp}/w100-h100-p-k-no-nu/a.jpg`, 0],
    [`${bp}/a.jpg`, 512],
  ])('%s is one size of it', (address, size) => {
    const best = [`${bp}/s0/a.jpg`, `${bp}/s0-d/a.jpg`];
    expect(readImage(address)).toEqual({ key: `${path}/a.jpg`, best, lesser: address, size });
  });

  it('with -h leads to a page, and stands for the picture without it', () => {
    expect(readImage(`${bp}/s1600-h/a.jpg`)).toMatchObject({ lesser: `${bp}/s1600/a.jpg` });
  });

  it('is no lesser one where it asks for all of it', () => {
    expect(readImage(`${bp}/s0/a.jpg`)).not.toHaveProperty('lesser');
    expect(readImage(`https://lh3.googleusercontent.com/${id}=s0-d`)).not.toHaveProperty('lesser');
  });

  it.each(['s1600', 'w640-h480', 's72-c', 'w72-h72-p-k-no-nu', 'd'])('may end with =%s', (wish) => {
    const at = `https://blogger.googleusercontent.com/img/a/${id}`;
    expect(readImage(`${at}=${wish}`)).toMatchObject({
      key: `img/a/${id}`,
      best: [`${at}=s0`, `${at}=s0-d`],
      lesser: `${at}=${wish}`,
    });
  });

  it.each([
    'https://pictures.example/-a/b/c/d/s320/a.jpg',
    'https://bp.blogspot.com.example/-a/b/c/d/s320/a.jpg',
    'https://lh3.googleusercontent.com/',
    'https://lh3.googleusercontent.com/a/short',
    'https://fern.blogspot.com/-a/b/c/d/s320/a.jpg',
    'nothing',
  ])('%s is known by itself alone', (address) => {
    expect(readImage(address)).toBeUndefined();
  });

  it('G12 is read in no time, whatever it is', () => {
    const busy = busyTime();
    for (const bait of [
      '-a1'.repeat(33_000),
      's1-'.repeat(33_000),
      '='.repeat(100_000),
      `s1${'-a'.repeat(50_000)}`,
    ])
      for (const address of [`${bp}/${bait}/a.jpg`, `https://lh3.googleusercontent.com/${id}=${bait}`])
        readImage(address);
    expect(busy()).toBeLessThan(5000);
  });
});

describe('a post', () => {
  const reading = { dialect: 'feed', base: null, tell: () => undefined } as const;
  const entry = (more: object) => ({ id: { $t: 'tag:blogger.com,1999:blog-1.post-2' }, ...more });

  it('has its labels as tags, its own words, and what changes by itself named', () => {
    const raw = entry({
      category: [
        {
          scheme: 'http://schemas.google.com/g/2005#kind',
          term: 'http://schemas.google.com/blogger/2008/kind#post',
        },
        { scheme: 'http://www.blogger.com/atom/ns#', term: 'Moss' },
        { term: 'Fern' },
        { term: 'Moss' },
      ],
      thr$total: { $t: '3' },
    });
    const post = readPost(raw, reading)!;
    expect(post).toMatchObject({ id: '2', tags: ['Moss', 'Fern'], dialect: 'feed', date: null, url: null });
    expect(post.raw).toBe(raw);
    expect(post.passing).toEqual(expect.arrayContaining(['thr$total', 'link.*.title']));
  });

  it('tells of a video that cannot be found', () => {
    const html = '<object class="BLOG_video_class" contentid="1f2e3d"></object>';
    expect(readPost(entry({ content: { $t: html } }), reading)).toMatchObject({
      items: [],
      unknown: ['video'],
    });
  });

  it('takes no page of somebody else for a video', () => {
    const html =
      '<iframe src="https://www.youtube.com/embed/x"></iframe><iframe src="/video.g?token=short"></iframe>';
    expect(readPost(entry({ content: { $t: html } }), reading)).toMatchObject({ items: [] });
  });

  it('G14 is bounded, however many media it names', () => {
    const left: number[] = [];
    const html = Array.from({ length: 11_000 }, (_, n) => `<img src="${bp}${n}/s320/a.jpg">`).join('');
    const tell = (_: string, { surplus }: { surplus: number }) => void left.push(surplus);
    expect(readPost(entry({ content: { $t: html } }), { ...reading, tell })!.items).toHaveLength(10_000);
    expect(left).toEqual([1000]);
  });
});

describe('the page of a video', () => {
  it('names streams, of which the highest format is the best', () => {
    const config = {
      streams: [
        { play_url: 'https://v.example/18?a=1', format_id: 18 },
        { play_url: 'https://v.example/22', format_id: 22 },
        { play_url: 7 },
        null,
      ],
    };
    const page = `<script type="text/javascript">var VIDEO_CONFIG = ${JSON.stringify(config)}\nvar x = {};</script>`;
    expect(streamIn(page)).toBe('https://v.example/22');
    expect(streamIn(page.replaceAll('22', '17').replaceAll('&', '\\u0026'))).toBe('https://v.example/18?a=1');
  });

  it.each([
    '',
    '<script>VIDEO_CONFIG = null</script>',
    'VIDEO_CONFIG = {',
    'VIDEO_CONFIG = {"streams":[]}',
    'VIDEO_CONFIG = {"streams":[{"play_url":"javascript:alert(1)","format_id":22}]}',
    'VIDEO_CONFIG={'.repeat(50_000),
    `VIDEO_CONFIG={"a":${'['.repeat(100_000)}}`,
  ])('may name none', (page) => {
    const busy = busyTime();
    expect(streamIn(page)).toBeUndefined();
    expect(busy()).toBeLessThan(5000);
  });
});
