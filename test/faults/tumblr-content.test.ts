import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect } from 'vitest';
import type { MediaRecord } from '../../src/model.ts';
import { serves } from '../helpers/answers.ts';
import { postLines } from '../helpers/vaults.ts';
import { atFullScale, type Case, fault } from './fault.ts';
import {
  faultOfBoth,
  faultOfOne,
  heldIn,
  idOf,
  idsOf,
  rowsFrom,
  type Said,
  warningsOf,
  withBlog,
} from './tumblr.ts';

const MiB = 2 ** 20;
const textOf = ({ body }: Said): string => String(body);

/** A post of an archive, as it was written. */
const lineOf = ({ archive }: Case, id: string) =>
  postLines(archive).find(({ line, post }) => line === 'post' && post === id) ?? expect.fail(`no post ${id}`);

/** A page as XML, of posts with these bodies. */
function xml(bodies: readonly string[], { first = 900, declared = '' } = {}): Said {
  const posts = bodies.map(
    (body, n) =>
      `<post id="${idOf(first - n)}" type="regular" unix-timestamp="${1_500_000_000 - n - 900 + first}">${body}</post>`,
  );
  const body = `<?xml version="1.0"?>\n${declared}<tumblr version="1.0"><tumblelog name="fern"/><posts start="0" total="${bodies.length}">${posts.join('')}</posts></tumblr>`;
  return { status: 200, type: 'text/xml; charset=utf-8', body };
}

const noJson: Said = { status: 200, type: 'text/html', body: '<!doctype html>' };

describe('XML', () => {
  fault('G01 G02 G03', 'Entities that grow, that lie elsewhere, and a flood of references', (scene) =>
    withBlog('v1', async (blog) => {
      const outside = await scene.server({ '/secret': serves(Buffer.from('SECRET')) });
      const levels = Array.from({ length: 9 }, (_, n) => `<!ENTITY e${n + 1} "${`&e${n};`.repeat(10)}">`);
      const big = `<!ENTITY big "${'B'.repeat(100_000)}">`;
      const lies = `<!ENTITY f SYSTEM "file:///etc/passwd"><!ENTITY h SYSTEM "${outside.url}/secret">`;
      const declared = `<!DOCTYPE tumblr [<!ENTITY e0 "${'x'.repeat(100)}">${levels.join('')}${big}${lies}<!ENTITY % p SYSTEM "${outside.url}/secret"> %p;]>`;
      const references = atFullScale ? 2_000_000 : 200_000;
      const bodies = ['&e9;', '&big;'.repeat(100_000), '&f;&h;', '&#65;'.repeat(references)];
      const page = xml(
        bodies.map((body) => `<regular-body>${body}</regular-body>`),
        { declared },
      );
      blog.says = (n) => (n === 1 ? noJson : page);
      scene.most = atFullScale ? 400 : 300;
      const ran = await scene.runOn(blog.words);
      expect(ran.code).toBe(0);
      expect(heldIn(scene)).toHaveLength(4);
      expect(outside.heard).toEqual([]);
      const said = (n: number) => JSON.stringify(lineOf(scene, idOf(900 - n)).raw);
      expect([said(0).length, said(2).length].every((length) => length < 500)).toBe(true);
      expect(scene.filesWith('root:x:0')).toEqual([]);
      expect(said(3)).toContain('A'.repeat(1000));
      scene.injected(`${textOf(page).length} bytes of XML, ${blog.asked()} calls`);
      scene.outcome('no entity is expanded, nothing is fetched, references are read');
    }),
  );

  fault('G03', 'Deep nesting', (scene) =>
    withBlog('v1', async (blog) => {
      scene.ends = [3];
      const page = xml([`<regular-body>${'<b>'.repeat(200_000)}</regular-body>`]);
      blog.says = (n) => (n === 1 ? noJson : page);
      const ran = await scene.runOn(blog.words);
      expect(ran.stderr).toMatch(/nested deeper than 32 levels/);
      expect(blog.asked()).toBe(2);
      scene.injected(`${textOf(page).length} bytes of XML, ${blog.asked()} calls`);
      scene.outcome('refused; exit 3');
    }),
  );
});

describe('pages that are too much', () => {
  faultOfOne('G04', 'Deep JSON', async (scene, blog) => {
    blog.rows = rowsFrom(200, 120);
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    blog.says = (n, due) =>
      n === 1 ? due : { ...due, body: textOf(due).replace('"posts":[', `"posts":[{"id":1,"raw":${deep}},`) };
    scene.ends = [3];
    const ran = await scene.runOn(blog.words);
    expect(ran.stderr).toMatch(/nested deeper than 200 levels/);
    expect(idsOf(blog.rows)).toEqual(expect.arrayContaining(heldIn(scene)));
    expect(heldIn(scene)).toHaveLength(50);
    scene.injected(`${blog.asked() - 1} pages with ${deep.length} brackets`);

    blog.says = (_, due) => ({
      ...due,
      body: textOf(due).replaceAll('"tags":[]', `"tags":${'['.repeat(150)}${']'.repeat(150)}`),
    });
    scene.ends = [0];
    await scene.runOn(blog.words);
    expect(new Set(heldIn(scene))).toEqual(new Set(idsOf(blog.rows)));
    scene.outcome('the page is refused, exit 3; the next run goes on, with posts of 150 levels');
  });

  faultOfOne('G05', 'Huge page', async (scene, blog) => {
    const size = (atFullScale ? 500 : 50) * MiB;
    let said = 0;
    const flood = () =>
      Readable.from(
        (function* () {
          yield '{"meta":{"status":200},"tumblelog":{"name":"fern"},"posts":[{"id":"1","regular-body":"';
          const chunk = Buffer.alloc(65_536, 'x');
          for (let sent = 0; sent < size; sent += chunk.length) {
            said += chunk.length;
            yield chunk;
          }
        })(),
        { objectMode: false },
      );
    blog.says = (_, due) => ({ ...due, body: flood() });
    scene.ends = [3];
    const ran = await scene.runOn(blog.words);
    expect(ran.stderr).toMatch(/larger than 32 MiB/);
    expect(said).toBeGreaterThan(32 * MiB * blog.asked());
    expect(said, 'little more than the cap, each time').toBeLessThan(40 * MiB * blog.asked());
    scene.injected(
      `${(said / MiB).toFixed(0)} of ${(blog.asked() * size) / MiB} MiB in ${blog.asked()} answers`,
    );
    scene.outcome('refused at 32 MiB; exit 3');
  });

  faultOfOne('G05', 'Huge page, packed small', async (scene, blog) => {
    const piece = gzipSync(Buffer.alloc(MiB, ' ')); // this process must stay small: those it starts are measured from there
    const packed = Buffer.concat(Array.from({ length: atFullScale ? 500 : 50 }, () => piece));
    blog.says = (_, due) => ({ ...due, body: packed });
    scene.ends = [3];
    const ran = await scene.runOn(blog.words);
    expect(ran.stderr).toMatch(/larger than 32 MiB/);
    scene.injected(`${packed.length} bytes in ${blog.asked()} answers`);
    scene.outcome('refused at 32 MiB; exit 3');
  });
});

const bait = { x: 'BAIT' };

/** Each field with a value of another type than its own, one at a time, and once without it. */
const odd = [null, [], [null, 7, [[]]], 7, -1e300, {}, { '': null, url: 7 }, true, 'x', undefined];
const fields = {
  v2: `type id_string id blog_name blog post_url short_url slug timestamp date state tags note_count is_pinned content layout
    trail photos caption original_type summary reblog body title video_url thumbnail_url player audio_url album_art
    link_image url question answer dialogue source_url reblogged_from_id reblogged_root_id post_author`,
  v1: `type url url-with-slug date date-gmt unix-timestamp format reblog-key slug tags photos photo-caption
    photo-url-1280 photo-url-75 width height regular-title regular-body quote-text link-url link-description
    conversation conversation-text video-player video-source audio-player audio-embed answer question
    reblogged-from-url reblogged-root-name note-count`,
};
const noPosts = [null, 7, 'x', [], {}, { id: null, id_string: {} }];

describe('posts', () => {
  faultOfBoth('G06 G08 G11', 'Prototype keys, long ids, impossible dates', async (scene, blog) => {
    const [long, longer] = ['9007199254740993', '9007199254740992'];
    const dates = [0, 1e15, 'yesterday', -1, '2016-12-31 23:59:60 GMT', '0000-01-01 00:00:00 GMT', 1e300];
    const moment = blog.api === 'v2' ? 'timestamp' : 'unix-timestamp';
    const date = blog.api === 'v2' ? 'date' : 'date-gmt';
    const undated = rowsFrom(400, dates.length).map((row, n) => ({
      ...row,
      fields: { [moment]: dates[n], [date]: typeof dates[n] === 'string' ? dates[n] : '10^15' },
    }));
    const zoneless = { ...rowsFrom(350, 1)[0]!, fields: { [moment]: null, [date]: '2017-07-14 08:30:00' } };
    const keys = rowsFrom(300, 3).map((row, n) => ({
      ...row,
      fields: {
        ...(n === 0 && { ['__proto__']: bait, constructor: { prototype: bait } }),
        ...(n === 1 && { toString: bait, hasOwnProperty: 7, valueOf: null }),
        ...(n === 2 && { trail: [{ ['__proto__']: bait, blog: { ['__proto__']: bait } }] }),
      },
    }));
    const long2 = [long, longer].map((id, n) => ({ id, at: 1_500_000_000 - n }));
    blog.rows = [...undated, zoneless, ...keys, ...long2];
    blog.says = (_, due) => ({
      ...due,
      body: textOf(due).replaceAll(/"id(_string)?":"(9007\d+)"/g, '"id":$2'),
    });
    await scene.runOn(blog.words);
    expect(heldIn(scene)).toEqual(idsOf([...undated, zoneless, ...keys, ...long2]));
    for (const [n, { id }] of undated.entries()) {
      expect(lineOf(scene, id).date, String(dates[n])).toBeNull();
      expect(JSON.stringify(lineOf(scene, id).raw)).toContain(`"${date}":`);
    }
    expect(lineOf(scene, zoneless.id).date).toBe('2017-07-14T08:30:00.000Z');
    for (const { id } of keys) expect(JSON.stringify(lineOf(scene, id).raw)).toContain('BAIT');
    expect(JSON.stringify(lineOf(scene, keys[0]!.id).raw)).toContain('"__proto__":{"x":"BAIT"}');
    scene.injected(`${blog.rows.length} posts in ${blog.asked()} calls`);
    scene.outcome('all are held, apart, with their own words; prototypes are as they were');
  });

  faultOfBoth('G07', 'Wrong types', async (scene, blog) => {
    const names = fields[blog.api].split(/\s+/);
    const kinds = names
      .flatMap((name) => odd.map((value) => ({ [name]: value })))
      .filter(({ id_string: id }) => id !== 7); // which is an id, if another one
    blog.rows = rowsFrom(kinds.length, kinds.length).map((row, n) => ({ ...row, fields: kinds[n] }));
    blog.says = (n, due) => ({
      ...due,
      body:
        n === 1
          ? textOf(due).replace('"posts":[{', `"posts":[${noPosts.map((one) => JSON.stringify(one))},{`)
          : (due.body as string),
    });
    const ran = await scene.runOn(blog.words);
    expect(ran.code).toBe(1);
    expect(idsOf(blog.rows).filter((id) => !heldIn(scene).includes(id))).toEqual([]);
    for (const record of ran.records) expect(faultsOf(record)).toEqual([]);
    for (const { line, date, items } of postLines(scene.archive)) {
      if (line !== 'post') continue;
      expect(date === null || new Date(date).toISOString() === date).toBe(true);
      expect(items.filter(({ id, url }) => id === '' || !/^https?:/.test(url))).toEqual([]);
    }
    scene.injected(`${kinds.length} posts with one odd field each, ${noPosts.length} that are none`);
    scene.outcome(`${ran.records.length} sound records; exit 1`);
  });
});

/** What of a record is not as it must be. */
function faultsOf(record: MediaRecord): string[] {
  const { v, item, status, kind, post, index, url, at, reason } = record;
  const sound = {
    v: v === 1,
    item: typeof item === 'string' && item !== '',
    status: ['kept', 'missing', 'failed', 'filtered'].includes(status),
    kind: ['image', 'video', 'audio', 'file'].includes(kind),
    post: typeof post === 'string',
    index: Number.isSafeInteger(index) && index >= 0,
    url: /^https?:/.test(url) && URL.canParse(url),
    at: new Date(at).toISOString() === at,
    reason: status === 'kept' || typeof reason?.code === 'string',
  };
  return Object.entries(sound).flatMap(([name, isSound]) => (isSound ? [] : [name]));
}

describe('text', () => {
  faultOfOne('G13', 'Broken encodings', async (scene, blog) => {
    blog.rows = rowsFrom(400, 200).map((row) => ({ ...row, fields: { slug: 'mør-\u0000-ke' } }));
    const encoded = [
      (text: string) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]),
      (text: string) => Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(text, 'utf16le').swap16()]),
      (text: string) => Buffer.from(text, 'latin1'),
      (text: string) => Buffer.from(text.replaceAll('\\u0000', '\0')),
    ];
    blog.says = (n, due) => ({ ...due, body: (encoded[n - 1] ?? Buffer.from)(textOf(due)) });
    const ran = await scene.runOn(blog.words);
    expect(new Set(heldIn(scene))).toEqual(new Set(idsOf(blog.rows)));
    const words = (n: number) => (lineOf(scene, idOf(400 - n)).raw as { slug: string }).slug;
    const [asIs, damaged] = ['mør-\u0000-ke', 'm\ufffdr-\u0000-ke'];
    expect([0, 60, 120, 170].map(words)).toEqual([asIs, asIs, damaged, asIs]);
    expect(warningsOf(ran)).toEqual([expect.stringContaining('not all UTF-8')]);
    scene.injected(`${blog.asked()} pages, each in another encoding`);
    scene.outcome('read as what they are, or with U+FFFD and a warning');
  });
});
