import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'vitest';
import { cuts, redirects } from '../../../src/demo/behaviours.ts';
import { canary, page } from '../../helpers/answers.ts';
import { photo, png } from '../../helpers/media.ts';
import { fault } from '../fault.ts';
import { sumOf } from '../sound.ts';
import { endOf, type Held, held, listed, withStage } from './stand-in.ts';

const login = Buffer.from(page);
const good = (n: number) => held({ time: '20150101000000', body: photo(100 + n) });

/** From the newest on; the rows of the index say of each that it is a picture. */
const bad = (before = 2024): Held[] =>
  [
    { body: login, type: 'text/html', status: 404 },
    { body: Buffer.alloc(0), type: 'text/html', status: 302, location: 'http://nowhere.example/login' },
    { body: login, type: 'text/html' },
    { body: png, type: 'image/png' },
    { body: Buffer.alloc(0), type: 'image/jpeg' },
  ].map((one, n) => ({ ...one, time: `${before - n}0101000000`, row: listed(`BAD${n}`) }));

fault('I04', 'capture is itself bad', (scene) => {
  const file = join(scene.folder, 'placeholders.json');
  writeFileSync(file, JSON.stringify({ placeholders: [{ sha256: sumOf(png), seen: 'a test' }] }));
  const captures = {
    fifth: [...bad().slice(0, 4), good(1)],
    sixth: [...bad(), good(2)],
    limited: [held({ time: '20240101000000', status: 429, row: listed('BAD') }), good(3)],
    kept: [held({ time: '20240101000000', body: login, memento: false }), good(4)],
  };
  return withStage(scene, captures, async ({ run, of, replays, archive }) => {
    const ran = await run('--placeholders', file);
    const captured = archive.requests.filter(({ path }) => path.startsWith('/web/'));
    scene.injected(`captures of ${[...new Set(captured.map(({ status }) => status))].join(', ')}`);
    expect(endOf(of(ran, 'fifth'))).toBe('kept (snapshot)');
    expect(of(ran, 'fifth').tried!.map(({ outcome }) => outcome)).toEqual([
      'gone',
      'gone',
      'not-a-capture',
      'wrong-type',
      'placeholder',
    ]);
    expect(endOf(of(ran, 'sixth'))).toBe('missing: gone');
    expect(of(ran, 'sixth').tried).toHaveLength(6);
    expect(replays('sixth').filter((path) => path.includes('/20150101000000id_/'))).toEqual([]);
    expect(endOf(of(ran, 'limited'))).toBe('kept (snapshot)');
    expect(ran.events.filter(({ event }) => event === 'pause')).toEqual([]); // an archived 429 is not meant for us
    expect(of(ran, 'kept').tried!.at(-1)).toMatchObject({ where: 'wayback', outcome: 'archive-unreachable' });
    expect([scene.filesWith(canary), scene.filesWith(png.subarray(0, 64))]).toEqual([[], []]);
    expect(scene.parts()).toEqual([]);
    scene.outcome('next best capture; after five: missing');
  });
});

fault('I05', 'capture is still compressed', (scene) => {
  const packed = (bytes: Buffer) => [held({ body: gzipSync(bytes) })];
  const captures = { picture: packed(photo(7)), page: packed(login) };
  return withStage(scene, captures, async ({ run, of, replays, origin }) => {
    const ran = await run();
    expect([replays('picture').length, replays('page').length]).toEqual([1, 1]);
    scene.injected('gzip without a label', origin);
    expect(endOf(of(ran, 'picture'))).toBe('kept (snapshot)');
    expect(of(ran, 'picture')).toMatchObject({ type: 'image/jpeg', snapshot: { digestEqual: true } });
    expect(scene.bytesOf(of(ran, 'picture')).equals(photo(7))).toBe(true);
    expect(of(ran, 'page')).toMatchObject({ status: 'missing', tried: [{}, { outcome: 'wrong-type' }] });
    expect(scene.parts()).toEqual([]);
    scene.outcome('kept, unwrapped; wrong-type');
  });
});

fault('I06', 'capture cut short or digest differs', (scene) => {
  const whole = photo(3);
  const said = { 'content-length': String(whole.length) };
  const short = held({ time: '20240101000000', body: whole.subarray(0, 9000), headers: said });
  const broken = held({
    time: '20240101000000',
    body: whole,
    behaviour: cuts(whole, { etag: null }).after(5000),
  });
  const captures = {
    short: [short, good(5)],
    broken: [broken, good(6)],
    alone: [short],
    other: [held({ row: listed('AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA') })],
  };
  return withStage(scene, captures, async ({ run, of, replays }) => {
    const ran = await run('-R', '1');
    const first = (name: string) => replays(name).filter((path) => path.includes('/2024')).length;
    expect([first('short'), first('broken'), first('alone')]).toEqual([2, 2, 2]);
    scene.injected('9,000 of 20,000 bytes captured; 5,000 sent');
    for (const name of ['short', 'broken'])
      expect(of(ran, name)).toMatchObject({
        status: 'kept',
        snapshot: { time: '2015-01-01T00:00:00Z', digestEqual: true },
        tried: [{}, { where: 'wayback', outcome: 'truncated' }],
      });
    expect(endOf(of(ran, 'alone'))).toBe('failed: truncated');
    expect(of(ran, 'other')).toMatchObject({
      status: 'kept',
      snapshot: { digest: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', digestEqual: false },
    });
    expect(scene.filesWith(whole.subarray(0, 5000))).toEqual([]);
    scene.outcome('next capture; failed: truncated; mismatch recorded');
  });
});

fault('I07', 'replay redirects', async (scene) => {
  const living = await scene.server({ '/living.jpg': (exchange) => exchange.end() });
  const elsewhere = { behaviour: redirects(`${living.url}/living.jpg`) };
  const captures = {
    moved: [held({ status: 302, row: listed('MOVED'), location: 'http://blog.example/new.jpg' })],
    out: [held(elsewhere)],
    both: [held({ time: '20240101000000', row: listed('OUT'), ...elsewhere }), good(7)],
  };
  const to = { ...held({ time: '20200202020202', body: photo(9) }), url: 'http://blog.example/new.jpg' };
  await withStage(
    scene,
    captures,
    async ({ run, of, archive }) => {
      const ran = await run();
      const sent = archive.requests.filter(({ path, status }) => path.startsWith('/web/') && status === 302);
      expect(sent.length).toBeGreaterThanOrEqual(3);
      scene.injected(`${sent.length} captures that lead elsewhere`);
      expect(of(ran, 'moved')).toMatchObject({
        status: 'kept',
        origin: 'snapshot',
        from: `${archive.url}/web/20200202020202id_/http://blog.example/new.jpg`,
        snapshot: {
          time: '2020-02-02T02:02:02Z',
          url: `${archive.url}/web/20200202020202id_/http://blog.example/new.jpg`,
        },
      });
      expect(of(ran, 'out')).toMatchObject({ status: 'missing', tried: [{}, { outcome: 'not-a-capture' }] });
      expect(endOf(of(ran, 'both'))).toBe('kept (snapshot)');
      expect(living.connections).toHaveLength(0);
      scene.outcome('kept, with the final time; the living site was not asked');
    },
    { others: [to] },
  );
});

fault('I09', 'provenance', (scene) =>
  withStage(scene, { fern: [held()] }, async ({ run, of, addressOf, archive, origin }) => {
    const ran = await run();
    scene.injected('lost at its origin', origin);
    const at = `${archive.url}/web/20190531123456id_/${addressOf('fern')}`;
    expect(of(ran, 'fern')).toMatchObject({
      url: addressOf('fern'),
      origin: 'snapshot',
      from: at,
      snapshot: {
        archive: 'wayback',
        time: '2019-05-31T12:34:56Z',
        url: at,
        original: addressOf('fern'),
        digest: expect.stringMatching(/^[A-Z2-7]{32}$/),
        digestEqual: true,
      },
      tried: [{ where: 'live', outcome: 'gone' }],
    });
    scene.outcome('archive, time, address, digest');
  }),
);
