import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  type Behaviour,
  behaves,
  cuts,
  fails,
  gone,
  placeholder,
  serves,
  servesHtml,
  servesPlaceholder,
} from '../src/demo/behaviours.ts';
import type { Capture } from '../src/demo/captures.ts';
import { archive } from '../src/index.ts';
import type { MediaRecord } from '../src/model.ts';
import type { GivenOptions } from '../src/options.ts';
import { listOf, quick, recordsOf } from './helpers/archives.ts';
import { askedFor, questionsTo, replaysOf, withFakeArchive, withMemento } from './helpers/fake-archive.ts';
import { type Running, withFakeBlog } from './helpers/fake-blog.ts';
import { photo } from './helpers/media.ts';
import { withTempFolder } from './helpers/temp-folder.ts';

const recovering: GivenOptions = { ...quick, recovery: true, retries: 1, waybackPause: 50 };

const last = (directory: string) => new Map(recordsOf(directory).map((record) => [record.item, record]));
const tried = ({ tried = [] }: MediaRecord) => tried.map(({ where, outcome }) => `${where} ${outcome}`);

type Held = Omit<Capture, 'url'>;
const picture = (n: number, given: Partial<Held> = {}): Held => ({
  time: '20180102030405',
  body: photo(n),
  type: 'image/jpeg',
  ...given,
});
/** What a crawler met later; the index calls it a picture all the same. */
const later = (n: number, given: Partial<Held>): Held => ({
  ...picture(n, { time: `2020010100${String(n).padStart(4, '0')}`, ...given }),
  row: { statuscode: '200', mimetype: 'image/jpeg', digest: `LATER${n}` },
});

const exclusion = servesHtml('Sorry. This URL has been excluded from the Wayback Machine.');
const packed = (n: number) =>
  behaves(({ response }) => {
    response
      .writeHead(200, { 'content-type': 'image/jpeg', 'content-encoding': 'gzip' })
      .end(gzipSync(photo(n)));
  });

/** One kind of loss: how the living web answers, what the web archive holds, and what becomes of it. */
interface Loss {
  readonly words: string;
  readonly living: (n: number) => Behaviour;
  readonly held: (n: number) => readonly Held[];
  readonly tried: readonly string[];
  readonly end: 'recovered' | 'missing' | 'failed';
}

const losses: readonly Loss[] = [
  {
    words: 'gone, and captured',
    living: () => fails(404),
    held: (n) => [picture(n)],
    tried: ['live gone'],
    end: 'recovered',
  },
  {
    words: 'a placeholder, and captured before',
    living: servesPlaceholder,
    held: (n) => [picture(n), later(n, { body: placeholder.bytes, type: 'image/png' })],
    tried: ['live placeholder', 'wayback placeholder'],
    end: 'recovered',
  },
  {
    words: 'a page, and an exclusion page for its newest capture',
    living: () => servesHtml(),
    held: (n) => [picture(n), later(n, { memento: false, behaviour: exclusion })],
    tried: ['live wrong-type', 'live wrong-type', 'wayback not-a-capture'],
    end: 'recovered',
  },
  {
    words: 'gone, and a 404 and a 429 were captured after it',
    living: gone,
    held: (n) => [picture(n), later(n, { status: 404 }), later(n + 1000, { status: 429 })],
    tried: ['live gone', 'wayback wrong-type', 'wayback gone'],
    end: 'recovered',
  },
  {
    words: 'gone, and its capture leads to another one',
    living: gone,
    held: (n) => [
      later(n, { status: 302, body: Buffer.alloc(0), location: `http://moved.example/${n}.jpg` }),
    ],
    tried: ['live gone'],
    end: 'recovered',
  },
  {
    words: 'gone, and its newest capture is cut',
    living: gone,
    held: (n) => [
      picture(n),
      later(n, { body: photo(n).subarray(0, 3000), headers: { 'content-length': '20000' } }),
    ],
    tried: ['live gone', 'wayback truncated'],
    end: 'recovered',
  },
  {
    words: 'gone, and captured in gzip',
    living: gone,
    held: (n) => [picture(n, { behaviour: packed(n) })],
    tried: ['live gone'],
    end: 'recovered',
  },
  {
    words: 'gone, and held by another archive',
    living: gone,
    held: () => [],
    tried: ['live gone', 'wayback no-capture'],
    end: 'recovered',
  },
  {
    words: 'gone, and nobody holds it',
    living: () => fails(451),
    held: () => [],
    tried: ['live gone', 'wayback no-capture', 'other no-capture'],
    end: 'missing',
  },
  {
    words: 'gone, and its only capture breaks off',
    living: gone,
    held: (n) => [picture(n, { behaviour: cuts(photo(n), { etag: null }).after(500) })],
    tried: ['live gone', 'wayback truncated', 'other no-capture'],
    end: 'failed',
  },
];

const count = (end: Loss['end']) => losses.filter((loss) => loss.end === end).length * 3;
const isElsewhere = ({ words }: Loss) => words === 'gone, and held by another archive';

const lossOf = (n: number) => (n < 30 ? losses[n % 10] : undefined);

/** `name`: what the other archive is called. */
function expectFitting(record: MediaRecord, loss: Loss | undefined, name: string): void {
  const places = (loss?.tried ?? []).map((one) => one.replace('other', name));
  expect([loss?.words, tried(record)]).toEqual([loss?.words, places]);
  if (loss?.end !== 'recovered') return;
  expect(record).toMatchObject({ status: 'kept', origin: 'snapshot' });
  expect(record.snapshot).toMatchObject({ archive: isElsewhere(loss) ? name : 'wayback' });
}

test('a blog that lost 30 % of its media ends with the balance, and with a record for each that names every place asked', () =>
  withTempFolder((dir) =>
    withFakeBlog({}, async ({ url, server }) => {
      const addresses = Array.from({ length: 100 }, (_, n) => `${url}/${n}.jpg`);
      const captures: Capture[] = [];
      const elsewhere: Capture[] = [];
      for (const [n, address] of addresses.entries()) {
        const loss = lossOf(n);
        server.add(`/${n}.jpg`, loss ? loss.living(n) : serves(photo(n)));
        captures.push(...(loss?.held(n) ?? []).map((one) => ({ ...one, url: address })));
        captures.push({ ...picture(n), url: `http://moved.example/${n}.jpg` });
        if (loss && isElsewhere(loss)) elsewhere.push({ ...picture(n), url: address });
      }
      const placeholders = join(dir, 'placeholders.json');
      writeFileSync(
        placeholders,
        JSON.stringify({ placeholders: [{ sha256: placeholder.sha256, seen: 'a test' }] }),
      );
      await withFakeArchive(captures, {}, (web) =>
        withMemento(elsewhere, {}, async (other) => {
          const directory = join(dir, 'out');
          const given = {
            ...recovering,
            directory,
            placeholders,
            wayback: web.url,
            memento: [`${other.url}/all`],
          };
          const summary = await archive(listOf(dir, addresses), given).finished;
          expect(summary).toMatchObject({
            listed: 100,
            kept: 70,
            recovered: count('recovered'),
            missing: count('missing'),
            failed: count('failed'),
            balanced: true,
            exitCode: 1,
          });
          const records = last(directory);
          const name = new URL(other.url).host;
          for (const [n, address] of addresses.entries())
            expectFitting(records.get(address)!, lossOf(n), name);
          expect(questionsTo(web)).toHaveLength(30);
        }),
      );
    }),
  ));

describe('many lost items', () => {
  /** Every second one was captured. */
  const lose = (
    count: number,
    test: (scene: { web: Running; addresses: string[]; given: GivenOptions; dir: string }) => Promise<void>,
    behaviour?: Behaviour,
  ) =>
    withTempFolder((dir) =>
      withFakeBlog({}, ({ url }) => {
        const addresses = Array.from({ length: count }, (_, n) => `${url}/${n}.jpg`);
        const captured = addresses.map((address, n) => ({
          ...picture(n, { body: photo(n, 1000) }),
          url: address,
        }));
        const odd = captured
          .filter((_, n) => n % 2 === 1)
          .map((one) => (behaviour ? { ...one, behaviour, memento: false } : one));
        return withFakeArchive(odd, {}, (web) =>
          test({
            web,
            addresses,
            dir,
            given: { ...recovering, directory: join(dir, 'out'), wayback: web.url },
          }),
        );
      }),
    );

  test('cost one question each, 1,000 for 1,000, where no address has a twin', () =>
    lose(1000, async ({ web, addresses, given, dir }) => {
      const summary = await archive(listOf(dir, addresses), given).finished;
      expect(summary).toMatchObject({ listed: 1000, recovered: 500, missing: 500, balanced: true });
      const asked = questionsTo(web).map(({ path }) => askedFor(path));
      expect(asked).toHaveLength(1000);
      expect(new Set(asked)).toEqual(new Set(addresses));
      expect(replaysOf(web)).toHaveLength(500);
    }));

  test('are not asked about again within days, though their captures are', () =>
    lose(
      100,
      async ({ web, addresses, given, dir }) => {
        const target = listOf(dir, addresses);
        const first = await archive(target, { ...given, retries: 0 }).finished;
        expect(first).toMatchObject({ missing: 50, failed: 50, recovered: 0 });
        expect([questionsTo(web).length, replaysOf(web).length]).toEqual([100, 50]);
        const second = await archive(target, { ...given, retries: 0 }).finished;
        expect(second).toMatchObject({ missing: 50, failed: 50, balanced: true });
        expect([questionsTo(web).length, replaysOf(web).length]).toEqual([100, 100]);
      },
      fails(502),
    ));
});

test('an archive without capture is asked for twins of the address, and what it has of them is kept', () =>
  withTempFolder((dir) =>
    withFakeBlog({}, async ({ url }) => {
      const address = `${url}/fern-300x200.jpg?w=300`;
      const twin = `${url}/fern.jpg`;
      const capture = { ...picture(1), url: twin };
      await withFakeArchive([capture], {}, async (web) => {
        const directory = join(dir, 'out');
        const summary = await archive(listOf(dir, [address]), { ...recovering, directory, wayback: web.url })
          .finished;
        expect(summary).toMatchObject({ recovered: 1 });
        expect(questionsTo(web).map(({ path }) => askedFor(path))).toEqual([
          address,
          `${url}/fern-300x200.jpg`,
          twin,
        ]);
        expect(last(directory).get(address)).toMatchObject({ snapshot: { original: twin } });
      });
    }),
  ));

test.each<[string, boolean]>([
  ['knows raw bytes', true],
  ['does not know them', false],
])('an archive that speaks Memento and %s gives its captures', (_, knowsRaw) =>
  withTempFolder((dir) =>
    withFakeBlog({}, async ({ url }) => {
      const address = `${url}/fern.jpg`;
      await withFakeArchive([], {}, (web) =>
        withMemento([{ ...picture(1), url: address }], { knowsRaw }, async (other) => {
          const directory = join(dir, 'out');
          const given = { ...recovering, directory, wayback: web.url, memento: [`${other.url}/all`] };
          expect(await archive(listOf(dir, [address]), given).finished).toMatchObject({ recovered: 1 });
          const at = `${other.url}/all/20180102030405${knowsRaw ? 'id_' : ''}/${address}`;
          expect(last(directory).get(address)).toMatchObject({
            snapshot: { archive: new URL(other.url).host, url: at, time: '2018-01-02T03:04:05Z' },
          });
        }),
      );
    }),
  ),
);

test('archives are asked in order, and the next only for what those before do not have', () =>
  withTempFolder((dir) =>
    withFakeBlog({}, async ({ url }) => {
      const address = `${url}/fern.jpg`;
      const found = [{ ...picture(1), url: address }];
      await withFakeArchive([], {}, (web) =>
        withMemento([], {}, (first) =>
          withMemento(found, {}, (second) =>
            withMemento(found, {}, async (third) => {
              const directory = join(dir, 'out');
              const memento = [`${first.url}/all`];
              const cdx = [`${second.url}/all/cdx`, `${third.url}/all/cdx`];
              const given = { ...recovering, directory, wayback: web.url, memento, cdx };
              expect(await archive(listOf(dir, [address]), given).finished).toMatchObject({ recovered: 1 });
              const names = [first, second].map((one) => new URL(one.url).host);
              const record = last(directory).get(address)!;
              expect(tried(record)).toEqual(['live gone', 'wayback no-capture', `${names[0]} no-capture`]);
              expect(record.snapshot).toMatchObject({ archive: names[1], digest: 'X', digestEqual: false });
              expect(third.requests).toHaveLength(0);
            }),
          ),
        ),
      );
    }),
  ));

test('an archive that the user names may lie on this machine; what it names itself may not', () =>
  withTempFolder((dir) =>
    withFakeBlog({}, async ({ url, server }) => {
      const address = `${url}/fern.jpg`;
      const posts = [{ id: '1', media: [{ url: address, kind: 'image' }] }];
      server.add('/posts.json', serves(JSON.stringify({ posts }), { type: 'application/json' }));
      const elsewhere = withFakeBlog({}, async (inside) => {
        const map = behaves(({ response }) => {
          const memento = `<${inside.url}/20180102030405/${address}>; rel="memento"; datetime="Tue, 02 Jan 2018 03:04:05 GMT"`;
          response.writeHead(200, { 'content-type': 'application/link-format' }).end(memento);
        });
        await withFakeArchive([], {}, (web) =>
          withFakeBlog(
            {},
            async (other) => {
              const directory = join(dir, 'out');
              const given = {
                ...recovering,
                allowPrivate: false,
                directory,
                wayback: web.url,
                memento: [other.url],
              };
              const summary = await archive(`${url}/posts.json`, given).finished;
              expect(summary).toMatchObject({ listed: 1, failed: 1 });
              expect(other.requests).toHaveLength(1);
              expect(inside.requests).toHaveLength(0);
              expect(tried(last(directory).get(address)!).at(-1)).toBe(
                `${new URL(other.url).host} refused-private-address`,
              );
            },
            { otherwise: map },
          ),
        );
      });
      await elsewhere;
    }),
  ));
