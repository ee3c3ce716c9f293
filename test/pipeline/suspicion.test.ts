import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { MediaRecord, Parcel } from '../../src/model.ts';
import { Hearsay } from '../../src/pipeline/hearsay.ts';
import { manifest } from '../../src/pipeline/manifest.ts';
import { refuseSuspects, Suspicion } from '../../src/pipeline/suspicion.ts';
import { Tally } from '../../src/pipeline/tally.ts';
import type { Progress } from '../../src/progress.ts';
import { verifyArchive } from '../../src/vault/fixity.ts';
import { readHoldings } from '../../src/vault/holdings.ts';
import type { Vault } from '../../src/vault/vault.ts';
import { recordsOf } from '../helpers/archives.ts';
import { fetched, wanted } from '../helpers/parcels.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';
import { inKilledRun, inRun, keptParcel, numberedItem, sha256 } from '../helpers/vaults.ts';

const grey = 'the grey picture';
const item = (n: number) => numberedItem(n);
const greyItems = [1, 2, 3, 4, 5, 6];

interface Given {
  readonly strict?: boolean;
  readonly run?: string;
}

/** One run: groups of parcels are settled one after the other, each as it is made when its turn comes. */
async function settle(
  vault: Vault,
  groups: readonly (() => Parcel[] | Promise<Parcel[]>)[],
  { strict = false, run = 'first run' }: Given = {},
) {
  const tally = new Tally();
  const events: Progress[] = [];
  const report = (event: Progress) => void events.push(event);
  const suspicion = new Suspicion(vault, { strict, tally, report });
  const stage = manifest(vault, {
    run,
    doubted: new Set(),
    tally,
    report,
    suspicion,
    hearsay: new Hearsay(),
  });
  for (const group of groups) {
    const parcels = await group();
    tally.listed += parcels.length;
    stage.cork();
    const written = parcels.map((parcel) => new Promise((done) => stage.write(parcel, done)));
    stage.uncork();
    await Promise.all(written);
  }
  const { kept, recovered, duplicate, recalled, failed, suspects, balanced } = tally;
  return {
    kept: kept + recovered + duplicate,
    recalled,
    failed,
    suspects,
    balanced,
    bytes: tally.bytes,
    events,
  };
}

const kept = (vault: Vault, n: number, bytes = greyItems.includes(n) ? grey : `picture ${n}`) =>
  keptParcel(vault, item(n), bytes);

/** As recall lets it pass. */
async function settled(vault: Vault, n: number): Promise<Parcel> {
  const record = await vault.find(item(n).id);
  return { ...wanted(item(n)), state: 'settled', record: record! };
}

const standing = (root: string) => [
  ...new Map(recordsOf(root).map((record) => [record.item, record])).values(),
];
const statusOf = (root: string) =>
  standing(root)
    .map(({ item: id, status }) => `${id.slice(5)} ${status}`)
    .sort();

/** The one file is where all records of it say, whatever else they say, and everybody agrees that it is sound. */
async function expectHeld(root: string): Promise<void> {
  const records = standing(root).filter((record) => record.sha256 === sha256(grey));
  const paths = new Set(records.map(({ path }) => path));
  expect(paths.size).toBe(1);
  expect(readFileSync(join(root, [...paths][0]!), 'utf8')).toBe(grey);
  expect(await verifyArchive(root)).toMatchObject({ sound: true, damage: [] });
}

const suspectEvents = (events: readonly Progress[]) => events.filter(({ event }) => event === 'suspect');

describe('the same bytes at many unrelated addresses of one host', () => {
  it('are told once, with the evidence, and count as kept all the same', () =>
    withTempFolder(async (root) => {
      const told = await inRun(root, (vault) =>
        settle(
          vault,
          Array.from({ length: 8 }, (_, i) => () => [kept(vault, i + 1)]),
        ),
      );
      expect(told).toMatchObject({ kept: 8, failed: 0, suspects: 1, balanced: true });
      expect(suspectEvents(told.events)).toEqual([
        {
          event: 'suspect',
          sha256: sha256(grey),
          path: standing(root)[0]!.path,
          host: 'blog.example',
          items: 5,
          posts: 5,
          examples: [1, 2, 3, 4, 5].map((n) => `http://blog.example/${n}.jpg`),
        },
      ]);
      await expectHeld(root);
    }));

  it('are told again by a run that finds them held', () =>
    withTempFolder(async (root) => {
      await inRun(root, (vault) => settle(vault, [() => greyItems.map((n) => kept(vault, n))]));
      const again = await inRun(root, (vault) =>
        settle(vault, [() => Promise.all(greyItems.map((n) => settled(vault, n)))], { run: 'second run' }),
      );
      expect(again).toMatchObject({ recalled: 6, kept: 0, suspects: 1, balanced: true });
      expect(recordsOf(root)).toHaveLength(6);
    }));

  it('are not told of if they are four', () =>
    withTempFolder(async (root) => {
      const told = await inRun(root, (vault) =>
        settle(vault, [() => greyItems.slice(0, 4).map((n) => kept(vault, n))], { strict: true }),
      );
      expect(told).toMatchObject({
        kept: 4,
        failed: 0,
        suspects: 0,
        balanced: true,
        events: expect.anything(),
      });
    }));
});

describe('with --strict', () => {
  const orders: [string, number[][]][] = [
    ['one by one', [[1], [2], [3], [4], [5], [6], [7], [8]]],
    ['all at once', [[1, 2, 3, 4, 5, 6, 7, 8]]],
    [
      'the others first',
      [
        [7, 8],
        [6, 5, 4, 3, 2, 1],
      ],
    ],
    [
      'four, then four',
      [
        [8, 1, 2, 3],
        [4, 5, 6, 7],
      ],
    ],
    ['one after they are known', [[1, 2, 3, 4, 5], [7], [6], [8]]],
  ];

  it.each(orders)('they do not count as kept, in whatever order they come: %s', (_, groups) =>
    withTempFolder(async (root) => {
      const told = await inRun(root, (vault) =>
        settle(
          vault,
          groups.map((group) => () => group.map((n) => kept(vault, n))),
          { strict: true },
        ),
      );
      expect(told).toMatchObject({ kept: 2, failed: 6, suspects: 1, balanced: true, bytes: 18 });
      expect(statusOf(root)).toEqual([...greyItems.map((n) => `${n} failed`), '7 kept', '8 kept']);
      for (const record of standing(root).filter(({ status }) => status === 'failed')) {
        expect(record).toMatchObject({ bytes: 16, sha256: sha256(grey), reason: { code: 'suspect' } });
        expect(record.tried).toEqual([
          {
            where: 'live',
            url: record.url,
            outcome: 'suspect',
            detail: record.reason!.detail,
            sha256: sha256(grey),
          },
        ]);
        expect(record.origin).toBeUndefined();
      }
      await expectHeld(root);
    }),
  );

  /** What of the six an earlier run, which was not strict, had kept; what comes by in which order then. */
  const histories: [string, number[], ((vault: Vault) => Parcel | Promise<Parcel>)[][], object][] = [
    [
      'the crossing comes after those that were held',
      [1, 2, 3, 4],
      [...[1, 2, 3, 4].map((n) => [(v: Vault) => settled(v, n)]), [(v) => kept(v, 5)], [(v) => kept(v, 6)]],
      { recalled: 0, failed: 6 },
    ],
    [
      'the crossing comes with them',
      [1, 2, 3, 4],
      [
        [
          (v) => settled(v, 1),
          (v) => kept(v, 5),
          (v) => settled(v, 2),
          (v) => settled(v, 3),
          (v) => settled(v, 4),
          (v) => kept(v, 6),
        ],
      ],
      { recalled: 0, failed: 6 },
    ],
    [
      'some of them are not listed any more',
      [1, 2, 3, 4],
      [[(v) => settled(v, 1)], [(v) => kept(v, 5)], [(v) => kept(v, 6)]],
      { recalled: 0, failed: 3 },
    ],
    [
      'all were held',
      greyItems,
      [[(v) => settled(v, 3)], [(v) => settled(v, 1), (v) => settled(v, 2)]],
      { recalled: 0, failed: 3 },
    ],
  ];

  it.each(histories)('they no longer count where an earlier run kept them: %s', (_, before, groups, sums) =>
    withTempFolder(async (root) => {
      await inRun(root, (vault) => settle(vault, [() => before.map((n) => kept(vault, n))]));
      const told = await inRun(root, (vault) =>
        settle(
          vault,
          groups.map((group) => () => Promise.all(group.map((make) => make(vault)))),
          { strict: true, run: 'second run' },
        ),
      );
      expect(told).toMatchObject({ ...sums, kept: 0, suspects: 1, balanced: true });
      expect(statusOf(root)).toEqual(greyItems.map((n) => `${n} failed`));
      await expectHeld(root);
    }),
  );

  it('one that was on its way as held while it lost that is counted as what it is by then', () =>
    withTempFolder(async (root) => {
      await inRun(root, (vault) => settle(vault, [() => [1, 2, 3, 4].map((n) => kept(vault, n))]));
      const told = await inRun(root, async (vault) => {
        const underway = await settled(vault, 1);
        return settle(vault, [() => [kept(vault, 5)], () => [underway], () => [kept(vault, 7)]], {
          strict: true,
          run: 'second run',
        });
      });
      expect(told).toMatchObject({ kept: 1, recalled: 0, failed: 2, balanced: true });
      expect(recordsOf(root).filter(({ status }) => status === 'failed')).toHaveLength(5);
    }));

  it('they count again when a run that is not strict gets them again', () =>
    withTempFolder(async (root) => {
      await inRun(root, (vault) =>
        settle(vault, [() => greyItems.map((n) => kept(vault, n))], { strict: true }),
      );
      expect(await readHoldings(root)).toMatchObject({
        kept: 0,
        failed: 6,
        files: 1,
        bytes: 16,
        recovered: 0,
      });
      const told = await inRun(root, (vault) =>
        settle(vault, [() => greyItems.map((n) => kept(vault, n))], { run: 'second run' }),
      );
      expect(told).toMatchObject({ kept: 6, failed: 0, suspects: 1, balanced: true, bytes: 0 });
      expect(statusOf(root)).toEqual(greyItems.map((n) => `${n} kept`));
      await expectHeld(root);
      expect(await readHoldings(root)).toMatchObject({ kept: 6, failed: 0, files: 1, bytes: 16 });
    }));

  it('what was recovered or had elsewhere says so still, and is no longer counted as recovered', () =>
    withTempFolder(async (root) => {
      const snapshot = {
        archive: 'wayback',
        time: '2019-01-01T00:00:00Z',
        url: 'http://web.example/1',
        digest: null,
      };
      await inRun(root, (vault) =>
        settle(
          vault,
          [
            () => [
              { ...kept(vault, 1), location: { kind: 'snapshot', url: snapshot.url, snapshot } },
              { ...kept(vault, 2), location: { kind: 'alternate', url: 'http://other.example/2' } },
              ...[3, 4, 5].map((n) => kept(vault, n)),
            ],
          ],
          { strict: true },
        ),
      );
      const by = (n: number): MediaRecord => standing(root).find((record) => record.item === item(n).id)!;
      expect(by(1).tried).toMatchObject([{ where: 'wayback', url: snapshot.url, from: item(1).url }]);
      expect(await readHoldings(root)).toMatchObject({ recovered: 0, failed: 5 });
    }));

  it('they are not kept again by whoever finishes a run that died right then', () =>
    withTempFolder(async (root) => {
      await inKilledRun(root, (vault) =>
        settle(vault, [() => greyItems.map((n) => kept(vault, n))], { strict: true }),
      );
      expect(existsSync(join(root, '.oxbow/placing.jsonl'))).toBe(true);
      const lines = recordsOf(root).length;
      await inRun(root, async (vault) => expect((await vault.find(item(1).id))?.status).toBe('failed'));
      expect(recordsOf(root)).toHaveLength(lines);
      await expectHeld(root);
    }));

  it('they are refused as soon as they come, once they are known', () =>
    withTempFolder(async (root) => {
      await inRun(root, async (vault) => {
        const accepted = {
          accepted: true,
          type: 'image/png',
          ext: 'png',
          kind: 'image',
          whole: 'structure',
        } as const;
        const judge = refuseSuspects(async () => accepted, vault);
        const parcel = fetched(wanted(item(9)), { sha256: sha256(grey) });
        await settle(vault, [() => [1, 2, 3, 4].map((n) => kept(vault, n))]);
        expect(await judge(parcel)).toBe(accepted);
        await settle(vault, [() => [kept(vault, 5)]]);
        expect(await judge(parcel)).toEqual({
          accepted: false,
          reason: { code: 'suspect', detail: expect.stringContaining('5 items in at least 5 posts') },
        });
        expect(await judge(fetched(wanted(item(9)), { sha256: sha256('heron') }))).toBe(accepted);
        const refused = { accepted: false, reason: { code: 'empty', detail: '' } } as const;
        expect(await refuseSuspects(async () => refused, vault)(parcel)).toBe(refused);
      });
    }));
});

/** As a refresh leaves it: held, and gone from its server. */
async function gone(vault: Vault, n: number): Promise<Parcel> {
  const held = (await vault.find(item(n).id))!;
  const mark = { code: 'gone', detail: 'status 404', at: '2030-01-01T00:00:00.000Z' } as const;
  return { ...wanted(item(n)), state: 'settled', held, record: { ...held, gone: mark } };
}

describe('in a strict refresh', () => {
  it.each([1, 2])('news about a held file (%i) that lost its standing meanwhile does not give it back', (n) =>
    withTempFolder(async (root) => {
      await inRun(root, (vault) => settle(vault, [() => [1, 2, 3, 4].map((m) => kept(vault, m))]));
      const told = await inRun(root, async (vault) => {
        const underway = await gone(vault, n); // asked, and answered with 404, before the fifth came
        return settle(vault, [() => [kept(vault, 5)], () => [underway]], { strict: true, run: 'second run' });
      });
      expect(statusOf(root)).toEqual([1, 2, 3, 4, 5].map((m) => `${m} failed`));
      expect(told).toMatchObject({ kept: 0, recalled: 0, failed: 2, balanced: true });
    }),
  );
});
