import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import { StorageError } from '../../src/errors.ts';
import type { In, MediaRecord, Parcel, ReasonCode, Tried } from '../../src/model.ts';
import { Hearsay } from '../../src/pipeline/hearsay.ts';
import { type ManifestOptions, manifest } from '../../src/pipeline/manifest.ts';
import type { Shelf } from '../../src/pipeline/record-of.ts';
import { Suspicion } from '../../src/pipeline/suspicion.ts';
import { Tally } from '../../src/pipeline/tally.ts';
import type { Progress } from '../../src/progress.ts';
import { verifyArchive } from '../../src/vault/fixity.ts';
import { Ledger } from '../../src/vault/ledger.ts';
import type { Vault } from '../../src/vault/vault.ts';
import { recordsOf } from '../helpers/archives.ts';
import { admitted, fetched, latch, lost, wanted } from '../helpers/parcels.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';
import {
  inKilledRun,
  inRun,
  keptParcel,
  numberedItem,
  openVault,
  partOf,
  postOf,
  recordOf,
  sha256,
} from '../helpers/vaults.ts';

const wantedItem = (n: number) => wanted(numberedItem(n));

/** Sends parcels to the last stage; they come one after the other, so the first is a group of its own. */
async function settle(
  shelf: Shelf,
  parcels: readonly Parcel[],
  tally = new Tally(),
  doubted = new Set<string>(),
) {
  const events: Progress[] = [];
  const report = (event: Progress) => void events.push(event);
  tally.listed += parcels.length;
  await pipeline(parcels, manifest(shelf, optionsOf({ doubted, tally, report })));
  return { tally, events };
}

/** Nothing is suspect here: test/pipeline/suspicion.test.ts has that. */
function optionsOf(
  given: Pick<ManifestOptions, 'tally' | 'report'> & Partial<ManifestOptions>,
): ManifestOptions {
  const sharers = { sharings: async () => [], sharersOf: () => Readable.from([]) };
  const suspicion = new Suspicion(sharers, { ...given, strict: false });
  return { run: 'this-run', doubted: new Set(), suspicion, hearsay: new Hearsay(), ...given };
}

const counts = ({ kept, recovered, duplicate, recalled, missing, failed, filtered, open }: Tally) => ({
  kept,
  recovered,
  duplicate,
  recalled,
  missing,
  failed,
  filtered,
  open,
});
const none = {
  kept: 0,
  recovered: 0,
  duplicate: 0,
  recalled: 0,
  missing: 0,
  failed: 0,
  filtered: 0,
  open: 0,
};

const asked = (...outcomes: ReasonCode[]): Tried[] =>
  outcomes.map((outcome, i) => ({
    where: i === 0 ? 'live' : 'alternate',
    url: `http://blog.example/${i}`,
    outcome,
    detail: `detail ${i}`,
  }));
const lostAfter = (n: number, ...outcomes: ReasonCode[]): In<'lost'> => ({
  ...lost(wantedItem(n)),
  tried: asked(...outcomes),
});

describe('the manifest', () => {
  it('places what is kept and records where it came from', () =>
    withTempFolder(async (root) => {
      const item = numberedItem(1, { date: '2019-05-01T00:00:00Z', index: 2 });
      await inRun(root, async (vault) => {
        const { tally, events } = await settle(vault, [keptParcel(vault, item, 'picture')]);
        expect(counts(tally)).toEqual({ ...none, kept: 1 });
        expect(tally).toMatchObject({ bytes: 7, balanced: true });
        expect(events).toEqual([{ event: 'item', record: recordsOf(root)[0], recalled: false }]);
      });
      const [record] = recordsOf(root);
      expect(record).toMatchObject({
        v: 1,
        run: 'this-run',
        item: 'demo:1',
        status: 'kept',
        kind: 'image',
        post: 'p1',
        index: 2,
        url: item.url,
        bytes: 7,
        sha256: sha256('picture'),
        type: 'image/jpeg',
        origin: 'live',
        from: item.url,
        attempts: 1,
        pieces: 1,
        response: { etag: '"x"' },
      });
      expect(record!.path).toMatch(/^data\/media\/2019\/05\/p1_2_[0-9a-f]{8}\.jpg$/);
      expect(readFileSync(join(root, record!.path!), 'utf8')).toBe('picture');
      expect(record!.tried).toBeUndefined();
    }));

  it('counts every parcel in exactly one place, and the balance adds up', () =>
    withTempFolder(async (root) => {
      await inRun(root, async (vault) => {
        const snapshot = {
          archive: 'web.archive.org',
          time: '2019-01-01T00:00:00Z',
          url: 'http://web/1',
          digest: null,
        };
        const recovered = keptParcel(vault, numberedItem(2), 'recovered', {
          location: { kind: 'snapshot', url: 'http://web/1', snapshot },
          tried: asked('gone'),
        });
        const settled = (n: number, status: MediaRecord['status']): Parcel => ({
          ...wantedItem(n),
          state: 'settled',
          record: recordOf(numberedItem(n), { status, run: 'an earlier one' }),
        });
        const parcels: Parcel[] = [
          keptParcel(vault, numberedItem(1), 'picture'),
          recovered,
          keptParcel(vault, numberedItem(3), 'better', {
            location: { kind: 'alternate', url: 'http://alternate/3' },
          }),
          keptParcel(vault, numberedItem(4), 'picture'),
          lostAfter(5, 'gone', 'no-capture'),
          lostAfter(6, 'gone', 'archive-unreachable'),
          {
            ...wantedItem(7),
            state: 'failed',
            reason: { code: 'refused-too-large', detail: '3 GB' },
            tried: asked('refused-too-large'),
          },
          {
            ...wantedItem(8),
            state: 'filtered',
            reason: { code: 'refused-filter', detail: 'kind video' },
            bytes: 5,
          },
          settled(9, 'kept'),
          settled(10, 'missing'),
          settled(11, 'filtered'),
          wantedItem(12),
          admitted(wantedItem(13)),
          fetched(wantedItem(14)),
        ];
        const { tally, events } = await settle(vault, parcels);
        expect(counts(tally)).toEqual({
          kept: 2,
          recovered: 1,
          duplicate: 1,
          recalled: 1,
          missing: 2,
          failed: 2,
          filtered: 2,
          open: 3,
        });
        expect(tally).toMatchObject({ listed: 14, balanced: true, bytes: 22 });
        expect(events.filter((event) => event.event === 'item' && event.recalled).length).toBe(3);
      });
      const written = new Map(recordsOf(root).map((record) => [record.item, record]));
      expect([...written.keys()]).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((n) => `demo:${n}`));
      expect(written.get('demo:2')).toMatchObject({
        origin: 'snapshot',
        snapshot: { archive: 'web.archive.org' },
        tried: asked('gone'),
      });
      expect(written.get('demo:3')).toMatchObject({ origin: 'alternate' });
      expect(written.get('demo:8')).toMatchObject({ status: 'filtered', bytes: 5 });
      expect((await verifyArchive(root)).damage).toEqual([]);
    }));

  const verdicts: [ReasonCode[], 'missing' | 'failed', ReasonCode][] = [
    [['gone'], 'missing', 'gone'],
    [['gone', 'no-capture'], 'missing', 'gone'],
    [['placeholder', 'too-small', 'forbidden', 'no-capture'], 'missing', 'placeholder'],
    [['timeout'], 'failed', 'timeout'],
    [['gone', 'archive-unreachable'], 'failed', 'archive-unreachable'],
    [['server-error', 'no-capture'], 'failed', 'server-error'],
    [['gone', 'rate-limited', 'no-capture'], 'failed', 'rate-limited'],
    [['gone', 'dns'], 'failed', 'dns'],
    [['gone', 'refused-too-large'], 'failed', 'refused-too-large'],
  ];

  it.each(verdicts)(
    'after %j is %s, for a definite no from every place is needed (I-7)',
    (outcomes, status, code) =>
      withTempFolder(async (root) => {
        await inRun(root, (vault) => settle(vault, [lostAfter(1, ...outcomes)]));
        const [record] = recordsOf(root);
        expect(record).toMatchObject({ status, reason: { code }, tried: asked(...outcomes) });
        expect(record!.path).toBeUndefined();
      }),
  );
});

describe('duplicates', () => {
  const twice = (vault: Vault) => [1, 2, 3].map((n) => keptParcel(vault, numberedItem(n), 'the same bytes'));

  it('within one group share one file, wherever in it they come', () =>
    withTempFolder(async (root) => {
      await inRun(root, async (vault) => {
        const { events } = await inOneGroup(vault, twice(vault));
        expect(events.map((event) => event.event === 'item' && event.record.origin)).toEqual([
          'live',
          'duplicate',
          'duplicate',
        ]);
      });
      expect(new Set(recordsOf(root).map(({ path }) => path)).size).toBe(1);
      expect((await verifyArchive(root)).damage).toEqual([]);
    }));

  it('that come one after the other share one file, and leave no part', () =>
    withTempFolder(async (root) => {
      await inRun(root, async (vault) => {
        const { tally } = await settle(vault, twice(vault));
        expect(counts(tally)).toEqual({ ...none, kept: 1, duplicate: 2 });
        expect(readdirSync(join(root, '.oxbow/parts'))).toEqual([]);
      });
      expect(new Set(recordsOf(root).map(({ path }) => path)).size).toBe(1);
    }));

  it('of what an earlier run kept share its file, unless that is not there any more', () =>
    withTempFolder(async (root) => {
      await inRun(root, (vault) => settle(vault, twice(vault).slice(0, 1)));
      await inRun(root, (vault) => settle(vault, twice(vault).slice(1, 2)));
      const [first, second] = recordsOf(root);
      expect(second).toMatchObject({ origin: 'duplicate', path: first!.path });
      writeFileSync(join(root, first!.path!), 'damaged');
      await inRun(root, (vault) => settle(vault, twice(vault).slice(2)));
      const third = recordsOf(root)[2]!;
      expect(third).toMatchObject({ origin: 'live' });
      expect(third.path).not.toBe(first!.path);
      expect(readFileSync(join(root, third.path!), 'utf8')).toBe('the same bytes');
      expect(readFileSync(join(root, first!.path!), 'utf8')).toBe('damaged');
    }));
});

describe('the last stage', () => {
  it('removes what is left in the work folder of an item that is kept: sidecar, and parts of places that failed', () =>
    withTempFolder(async (root) => {
      await inRun(root, async (vault) => {
        const item = numberedItem(1);
        const parcel = keptParcel(vault, item, 'picture', {
          location: { kind: 'alternate', url: 'http://alternate/1' },
          tried: [{ where: 'alternate', url: 'http://tried/', outcome: 'truncated', detail: '' }],
        });
        Object.assign(parcel.download, { hasSidecar: true });
        writeFileSync(`${parcel.download.part}.json`, '{}');
        writeFileSync(vault.partFor(item.id, 'alternate', 'http://tried/'), 'half');
        const other = partOf(vault, numberedItem(2), 'of another item');
        await settle(vault, [parcel]);
        expect(readdirSync(join(root, '.oxbow/parts'))).toEqual([other.slice(dirname(other).length + 1)]);
      });
    }));

  it('leaves a foreign file under the name alone and records the name that it took instead (E13)', () =>
    withTempFolder(async (root) => {
      await inRun(root, async (vault) => {
        const item = numberedItem(1);
        await settle(vault, [keptParcel(vault, item, 'first bytes')]);
        const [first] = recordsOf(root);
        await settle(vault, [keptParcel(vault, item, 'other bytes')]);
        const second = recordsOf(root)[1]!;
        expect(second.path).toBe(first!.path!.replace('.jpg', '-2.jpg'));
        expect(readFileSync(join(root, first!.path!), 'utf8')).toBe('first bytes');
        expect(readFileSync(join(root, second.path!), 'utf8')).toBe('other bytes');
      });
      expect((await verifyArchive(root)).damage).toEqual([]);
    }));

  it('takes a part that has its final name already', () =>
    withTempFolder(async (root) => {
      await inRun(root, async (vault) => {
        const item = numberedItem(1);
        await settle(vault, [keptParcel(vault, item, 'picture')]);
        const { path } = recordsOf(root)[0]!;
        const again = keptParcel(vault, numberedItem(1), 'other');
        const name = join(root, path!.replace('.jpg', '-2.jpg'));
        linkSync(again.download.part, name);
        expect(statSync(name).nlink).toBe(2);
        await settle(vault, [again]);
        expect(recordsOf(root)[1]).toMatchObject({ path: path!.replace('.jpg', '-2.jpg') });
        expect(statSync(name).nlink).toBe(1);
      });
    }));

  it('writes bytes before the record and the record before the ledger: nothing is counted when the append fails (E02)', () =>
    withTempFolder(async (root) => {
      const item = numberedItem(1);
      const { vault } = await openVault(root);
      await vault.posts.add('demo', { posts: [postOf('p1', [item])] });
      const tally = new Tally();
      const events: Progress[] = [];
      const shelf: Shelf = {
        find: (id) => vault.find(id),
        findContent: (sum) => vault.findContent(sum),
        partFor: (...place) => vault.partFor(...place),
        async place(...what) {
          const placed = await vault.place(...what);
          expect(placed.map((path) => readFileSync(join(root, path), 'utf8'))).toEqual(['picture']);
          expect(recordsOf(root)).toEqual([]);
          await vault.close({ inOrder: false }); // from here on nothing can be appended
          return placed;
        },
        record: (records) => vault.record(records),
      };
      const parcels = [keptParcel(vault, item, 'picture')];
      const stage = manifest(shelf, optionsOf({ tally, report: (event) => void events.push(event) }));
      const failing = pipeline(parcels, stage);
      await expect(failing).rejects.toThrow(StorageError);
      await expect(failing).rejects.toThrow(/Cannot write .*manifest\.jsonl/);
      expect([recordsOf(root), counts(tally), events]).toEqual([[], none, []]);
      const ledger = Ledger.at(join(root, '.oxbow/ledger'));
      expect(await ledger.itemAt(item.id)).toBeUndefined();
      await ledger.close();
      await inRun(root, async (next) => expect((await next.find(item.id))?.status).toBe('kept'));
      expect((await verifyArchive(root)).damage).toEqual([]);
    }));

  it('records nothing when the bytes cannot be placed (E01)', () =>
    withTempFolder(async (root) => {
      await inKilledRun(root, async (vault) => {
        mkdirSync(join(root, 'data'), { recursive: true });
        writeFileSync(join(root, 'data/media'), 'a file where the media should be');
        const tally = new Tally();
        const parcels = [keptParcel(vault, numberedItem(1), 'picture')];
        await expect(settle(vault, parcels, tally)).rejects.toThrow(`Cannot store in ${root}`);
        expect(counts(tally)).toEqual(none);
        expect(existsSync(parcels[0]!.download.part)).toBe(true);
      });
      expect(recordsOf(root)).toEqual([]);
    }));

  it('settles in groups of what came while the group before was written', () =>
    withTempFolder(async (root) => {
      await inRun(root, async (vault) => {
        const parcels = Array.from({ length: 200 }, (_, n) =>
          keptParcel(vault, numberedItem(n), `picture ${n % 150}`),
        );
        const { tally, groups } = await inOneGroup(vault, parcels);
        expect(counts(tally)).toEqual({ ...none, kept: 150, duplicate: 50 });
        expect(Math.max(...groups)).toBeGreaterThan(50);
      });
      expect(recordsOf(root).length).toBe(200);
      expect((await verifyArchive(root)).damage).toEqual([]);
    }));
});

/** Writes all parcels before the first is settled, so that those after it come as a group. */
async function inOneGroup(vault: Vault, parcels: readonly Parcel[]) {
  const begun = latch();
  const tally = new Tally();
  tally.listed = parcels.length;
  const events: Progress[] = [];
  const groups: number[] = [];
  const shelf: Shelf = {
    find: (id) => vault.find(id),
    findContent: (sum) => vault.findContent(sum),
    partFor: (...place) => vault.partFor(...place),
    async place(...what) {
      await begun.opened;
      return vault.place(...what);
    },
    record(records) {
      groups.push(records.length);
      return vault.record(records);
    },
  };
  const stage = manifest(shelf, optionsOf({ tally, report: (event) => void events.push(event) }));
  for (const parcel of parcels) stage.write(parcel);
  begun.open();
  stage.end();
  await new Promise<void>((resolve, reject) => stage.on('finish', resolve).on('error', reject));
  return { tally, events, groups };
}
