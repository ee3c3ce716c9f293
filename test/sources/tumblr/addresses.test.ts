import { describe, expect, it } from 'vitest';
import { hostsOf, isNoContent, mediaKeyOf } from '../../../src/sources/tumblr/addresses.ts';

const directory = '0a1b2c3d4e5f60718293a4b5c6d7e8f9';
const sized = `${directory}/1122334455667788-9a`;
const key = `${directory}:1122334455667788-9a`;
const media = 'https://64.media.tumblr.com';

describe('the lasting key of a medium', () => {
  it.each([
    [`${media}/${sized}/s640x960/0f1e2d.jpg`, key],
    [`https://78.media.tumblr.com/${sized}/s99999x99999/ffee.png`, key],
    [`${media}/${sized}/s75x75_c1/0f1e2d.pnj?x=1#y`, key],
    [`${media}/${sized}/s512x512u_c1/0f1e2d.jpg`, key],
    [`${media}/${sized}/s640x960_f1/0f1e2d.jpg`, `${key}:still`],
    [`${media}/${directory}/tumblr_fern01qzo1_500.jpg`, 'fern01qzo1'],
    ['http://media.tumblr.com/tumblr_fern01qzo1_1280.jpg', 'fern01qzo1'],
    [`http://31.media.tumblr.com/${directory}/tumblr_fern01qzo1_75sq.gif`, 'fern01qzo1'],
    ['http://data.tumblr.com/tumblr_fern01qzo1_raw.jpg', 'fern01qzo1'],
    [`https://s3.amazonaws.com/data.tumblr.com/${directory}/tumblr_fern01qzo1_raw.jpg`, 'fern01qzo1'],
    [`${media}/${directory}/tumblr_fern01qzo1_r1_500.jpg`, 'fern01qzo1_r1'],
    [`${media}/tumblr_fern01qzo10_r2_540.gifv`, 'fern01qzo10_r2'],
    [`${media}/${directory}/tumblr_inline_moss77_500.png`, 'inline_moss77'],
    ['http://media.tumblr.com/tumblr_inline_moss77.png', 'inline_moss77'],
    [`${media}/tumblr_inline_moss77_r1_540.png`, 'inline_moss77_r1'],
    [`${media}/tumblr_moss77_og_1280.png`, 'moss77_og'],
    ['https://va.media.tumblr.com/tumblr_pond9.mp4', 'pond9'],
    ['https://vtt.tumblr.com/tumblr_pond9_480.mp4', 'pond9'],
    ['https://fern.tumblr.com/video_file/t:Ab_-1/901/tumblr_pond9/480', 'pond9'],
    [`${media}/tumblr_pond9_smart1.jpg`, 'pond9_smart1'],
    [`${media}/tumblr_pond9_frame1.jpg`, 'pond9_frame1'],
    ['https://a.tumblr.com/tumblr_wren3o1.mp3?play_key=12', 'wren3o1'],
    ['https://www.tumblr.com/audio_file/fern/901/tumblr_wren3', 'wren3o1'],
    ['https://www.tumblr.com/audio_file/fern/901/tumblr_wren3o1', 'wren3o1'],
    ['http://www.tumblr.com/photo/1280/901/2/tumblr_fern01qz', 'fern01qzo2'],
    ['http://fern.tumblr.com/photo/1280/901/1/tumblr_fern01qzo1_r1', 'fern01qzo1_r1'],
    [`${media}/avatar_0a1b2c3d4e5f_128.png`, 'avatar_0a1b2c3d4e5f'],
  ])('is read from %s', (address, expected) => {
    expect(mediaKeyOf(address)).toBe(expected);
  });

  it.each(['http://127.0.0.1:8080', 'http://[::1]', 'https://stand-in.example'])(
    'is read from %s where that stands in for Tumblr',
    (base) => {
      const own = hostsOf(`${base}/v2`, undefined);
      expect(mediaKeyOf(`${base}/${sized}/s640x960/0f1e2d.jpg`, own)).toBe(key);
      expect(mediaKeyOf(`https://evil.example/${sized}/s640x960/0f1e2d.jpg`, own)).toBeUndefined();
    },
  );

  it.each([
    `https://evil.example/${sized}/s640x960/0f1e2d.jpg`,
    `http://127.0.0.1:8080/${sized}/s640x960/0f1e2d.jpg`,
    `http://localhost/${sized}/s640x960/0f1e2d.jpg`,
    `http://[::1]:8080/${sized}/s640x960/0f1e2d.jpg`,
    'https://mirror.example/uploads/tumblr_fern01qzo1_500.jpg',
    'https://tumblr.com.example/tumblr_fern01qzo1_500.jpg',
    'https://static.tumblr.com/ab12/tumblr_static_header.png',
    'https://assets.tumblr.com/images/tumblr_logo_500.png',
    `https://s3.amazonaws.com/bucket/tumblr_fern01qzo1_raw.jpg`,
    `${media}/${directory}/picture.jpg`,
    `${media}/tumblr_.jpg`,
    'media/901_0.jpg',
    'data:image/gif;base64,AAAA',
    `${media}/tumblr_${'x'.repeat(5000)}_500.jpg`,
    `${media}/${'tumblr_'.repeat(20_000)}`,
    '',
  ])('is none of %s', (address) => {
    expect(mediaKeyOf(address)).toBeUndefined();
  });
});

it.each([
  [`${media}/previews/tumblr_pond9_filmstrip.jpg`, true],
  [`${media}/previews/tumblr_pond9_filmstrip_10.jpg?x`, true],
  ['https://assets.tumblr.com/images/inline_placeholder.png', true],
  [`${media}/tumblr_pond9_smart1.jpg`, false],
  ['https://assets.tumblr.com/images/media_violation/community_guidelines_v1_1280.png', false],
])('is %s no content: %s', (address, expected) => {
  expect(isNoContent(address)).toBe(expected);
});
