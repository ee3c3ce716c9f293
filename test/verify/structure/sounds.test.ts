import { describe, expect, test } from 'vitest';
import { joined, le32, sample, structure, u32 } from './samples.ts';

describe('MP3', () => {
  const bare = sample('mp3-bare.mp3');
  const lame = sample('mp3-lame.mp3');
  const note = lame.indexOf(/Info|Xing/.exec(lame.toString('latin1'))![0], 0, 'latin1');

  test('that promises its bytes is whole when they are there, and what follows is counted', () => {
    expect(structure('audio/mpeg', lame)).toEqual({ end: 'structure' });
    expect(structure('audio/mpeg', lame, '\0\0\0')).toEqual({ end: 'structure', surplus: 3 });
  });

  test('that promises more and yet ends with a whole frame may have been shortened by an editor', () => {
    const promising = Buffer.from(lame);
    promising.writeUInt32BE(promising.readUInt32BE(note + 12) + 5000, note + 12);
    expect(structure('audio/mpeg', promising)).toEqual({
      end: 'unverified length',
      why: 'it promises 5000 bytes more, yet ends with a whole frame',
    });
    expect(structure('audio/mpeg', promising.subarray(0, -1)).end).toBe('cut');
  });

  test('may keep its promise in another place (VBRI)', () => {
    const first = Buffer.alloc(208);
    first.set(lame.subarray(0, 4));
    first.write('VBRI', 36);
    const rest = lame.subarray(208, 1670); // seven frames
    first.writeUInt32BE(208 + rest.length, 46);
    expect(structure('audio/mpeg', first, rest)).toEqual({ end: 'structure' });
    expect(structure('audio/mpeg', first, rest.subarray(0, -1)).end).toBe('cut');
  });

  test('without a promise can be told from one that ends inside a frame', () => {
    expect(structure('audio/mpeg', bare)).toMatchObject({ end: 'unverified length' });
    expect(structure('audio/mpeg', bare.subarray(0, -1))).toMatchObject({
      end: 'cut',
      detail: /the frame at \d+ has/,
    });
  });

  test.each([
    ['ID3 of the old kind', joined('TAG', Buffer.alloc(125))],
    [
      'APE with a head',
      joined(
        'APETAGEX',
        le32(2000, 32 + 10, 1, 0xa0000000, 0, 0),
        Buffer.alloc(10),
        'APETAGEX',
        le32(2000, 42, 1, 0x80000000, 0, 0),
      ),
    ],
    ['ID3 of the new kind, at the end', joined('ID3', [4, 0, 0, 0, 0, 1, 0], Buffer.alloc(128))],
  ])('a tag behind it has to be whole: %s', (_what, tag) => {
    for (const sound of [lame, bare]) {
      expect(structure('audio/mpeg', sound, tag).end).not.toBe('cut');
      for (const length of [2, 9, tag.length - 1])
        expect(structure('audio/mpeg', sound, tag.subarray(0, length)).end, `${length}`).toBe('cut');
    }
  });

  test('several tags may stand behind it, also words of the song', () => {
    const words = joined('LYRICSBEGIN', 'IND00002', '00', '000021', 'LYRICS200');
    const tags = joined(words, 'TAG', Buffer.alloc(125));
    expect(structure('audio/mpeg', lame, tags)).toEqual({ end: 'structure' });
    expect(structure('audio/mpeg', bare, tags).end).toBe('unverified length');
  });

  test('bytes between frames that are none are stepped over, as players do', () => {
    const middle = joined(bare.subarray(0, 418), 'noise on the line', bare.subarray(418));
    expect(structure('audio/mpeg', middle).end).toBe('unverified length');
    expect(structure('audio/mpeg', middle.subarray(0, -1)).end).toBe('cut');
  });

  test('notes in front that reach beyond the file are a cut', () => {
    expect(structure('audio/mpeg', 'ID3', [3, 0, 0, 0, 0, 8, 0], Buffer.alloc(500)).end).toBe('cut');
  });

  test('behind the notes may stand FLAC', () => {
    const file = joined('ID3', [3, 0, 0, 0, 0, 0, 5], 'notes', sample('flac.flac'));
    expect(structure('audio/mpeg', file)).toEqual({ end: 'structure' });
    expect(structure('audio/mpeg', file.subarray(0, -1)).end).toBe('cut');
  });
});

describe('Ogg', () => {
  const sound = sample('ogg-opus.opus');
  const film = sample('ogg-theora.ogv');

  test('a page that only looks like the last one does not count', () => {
    const file = Buffer.from(sound);
    file[file.lastIndexOf('OggS') + 200]! ^= 1; // now its sum is wrong, and all pages are followed
    expect(structure('audio/ogg', file)).toEqual({ end: 'structure' });
    const inside = joined(sound.subarray(0, -100), 'OggS', [0, 4], Buffer.alloc(20), [1, 2, 9, 9]);
    expect(structure('audio/ogg', inside).end).toBe('cut');
  });

  test('every stream in it has to end', () => {
    const pages = [...film.keys()].filter((at) => film.toString('latin1', at, at + 4) === 'OggS');
    const last = pages.filter((at) => film[at + 5]! & 4);
    expect(last).toHaveLength(2);
    expect(structure('video/ogg', film.subarray(0, last[1])).end).toBe('unverified length');
    expect(structure('video/ogg', film)).toEqual({ end: 'structure' });
  });

  test('a recording whose last page is not marked is no proof of anything', () => {
    const file = Buffer.from(sound);
    file[file.lastIndexOf('OggS') + 5] = 0;
    expect(structure('audio/ogg', file)).toMatchObject({
      end: 'unverified length',
      why: /not marked as ended/,
    });
  });

  test('what follows is counted', () => {
    expect(structure('audio/ogg', sound, 'TAG and so on')).toEqual({ end: 'structure', surplus: 13 });
  });
});

describe('FLAC', () => {
  const flac = sample('flac-small-blocks.flac');

  test('tells how many samples are there where a whole frame ends too early', () => {
    const frames = [...flac.keys()].filter((at) => flac[at] === 0xff && (flac[at + 1]! & 0xfe) === 0xf8);
    const last = frames.at(-1)!;
    expect(structure('audio/flac', flac.subarray(0, last))).toMatchObject({
      end: 'cut',
      detail: expect.stringMatching(/^it has \d+ of 44100 samples$/),
    });
  });

  test('may have tags or zeros behind it', () => {
    expect(structure('audio/flac', flac, 'TAG', Buffer.alloc(125))).toEqual({ end: 'structure' });
    expect(structure('audio/flac', flac, Buffer.alloc(333))).toEqual({ end: 'structure' });
  });

  test('a damaged last frame is not whole', () => {
    const file = Buffer.from(flac);
    file[file.length - 20]! ^= 1;
    expect(structure('audio/flac', file)).toMatchObject({ end: 'cut', detail: /last frame is not whole/ });
  });
});

describe('WAV', () => {
  const wav = sample('wav-pcm.wav');
  const saying = (length: number) => joined('RIFF', le32(length), wav.subarray(8));

  test('a size that counts the eight bytes before it is a mistake that harms nobody', () => {
    expect(structure('audio/wav', saying(wav.length))).toEqual({ end: 'structure' });
    expect(structure('audio/wav', saying(wav.length).subarray(0, -1)).end).toBe('cut');
  });

  test.each([0, 0xffffffff, 0x7ffff000, 0x80000000])('a length left open (%i) proves nothing', (length) => {
    const at = wav.indexOf('data') + 4;
    const open = joined('RIFF', le32(length), wav.subarray(8, at), le32(length), wav.subarray(at + 4));
    expect(structure('audio/wav', open)).toMatchObject({ end: 'unverified length', why: /left open/ });
  });

  test('a filling byte that was not written is no cut, and no proof either', () => {
    const odd = joined(
      'RIFF',
      le32(4 + 24 + 8 + 4),
      'WAVE',
      'fmt ',
      le32(16),
      Buffer.alloc(16),
      'data',
      le32(3),
      'abc',
    );
    expect(structure('audio/wav', odd)).toMatchObject({ end: 'unverified length', why: /filling byte/ });
    expect(structure('audio/wav', odd, [0])).toEqual({ end: 'structure' });
  });

  test('notes behind the sound that are lacking are a cut', () => {
    const notes = joined('LIST', le32(10), 'INFO notes');
    const file = joined('RIFF', le32(wav.length - 8 + notes.length), wav.subarray(8), notes);
    expect(structure('audio/wav', file)).toEqual({ end: 'structure' });
    for (const lacking of [1, notes.length - 3, notes.length])
      expect(structure('audio/wav', file.subarray(0, -lacking)).end, `${lacking}`).toBe('cut');
  });

  test('beyond four gigabytes the lengths of its own chunk count', () => {
    const head = joined(
      'RF64',
      u32(0xffffffff),
      'WAVE',
      'ds64',
      le32(28, 5_000_000_000 % 2 ** 32, 1, 4_999_999_900 % 2 ** 32, 1, 0, 0, 0),
    );
    const file = joined(head, 'data', u32(0xffffffff), Buffer.alloc(1000));
    expect(structure('audio/wav', file)).toMatchObject({ end: 'cut', detail: /of 4999999900 bytes/ });
  });
});
