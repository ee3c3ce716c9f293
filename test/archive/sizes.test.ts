import { describe, expect, test } from 'vitest';
import { familyOf, isSmaller, sizeIn } from '../../src/archive/sizes.ts';

const kin = 'https://64.media.tumblr.com/0a1b2c3d4e5f60718293a4b5c6d7e8f9/00112233445566aa-1f/';
const legacy = 'https://64.media.tumblr.com/0a1b2c3d4e5f60718293a4b5c6d7e8f9/tumblr_fern_';

describe('an address', () => {
  test.each<[string, string | undefined, number | undefined]>([
    [`${kin}s640x960/ab.jpg`, kin, 640 * 960],
    [`${kin}s99999x99999/ab.pnj`, kin, 99999 ** 2],
    [`${kin}s75x75_c1/ab.jpg`, kin, 0],
    [`${kin}s512x512u_c1/ab.jpg`, kin, 0],
    [`${kin}s640x960_f1/ab.jpg`, undefined, 0],
    [`${kin}ab.jpg`, undefined, undefined],
    [`${legacy}1280.jpg`, undefined, 1280 ** 2],
    [`${legacy}75sq.jpg`, undefined, 75 ** 2],
    [`${kin.replace('tumblr.com', 'tumblr.example')}s640x960/ab.jpg`, undefined, undefined],
    [`${kin}s640x960/${'a'.repeat(5000)}.jpg`, undefined, undefined],
    ['no address', undefined, undefined],
  ])('%s', (address, family, size) => {
    expect([familyOf(address), sizeIn(address)]).toEqual([family, size]);
  });

  test.each<[string, string, boolean]>([
    [`${kin}s640x960/ab.jpg`, `${kin}s1280x1920/cd.jpg`, true],
    [`${kin}s1280x1920/ab.jpg`, `${kin}s640x960/cd.jpg`, false],
    [`${kin}s640x960/ab.jpg`, `${kin}s640x960/cd.jpg`, false],
    [`${legacy}500.jpg`, `${legacy}1280.jpg`, true],
    [`${legacy}500.jpg`, `${kin}s1280x1920/cd.jpg`, false],
    [`${legacy}500.jpg`, 'https://blog.example/fern.jpg', false],
  ])('%s beside %s: smaller is %s', (one, another, expected) => {
    expect(isSmaller(one, another)).toBe(expected);
  });
});
