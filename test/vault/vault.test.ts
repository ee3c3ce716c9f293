import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { open } from 'lmdb';
import { describe, expect, it } from 'vitest';
import { StorageError } from '../../src/errors.ts';
import { verifyArchive } from '../../src/vault/fixity.ts';
import { mediaPath, names } from '../../src/vault/layout.ts';
import { Ledger } from '../../src/vault/ledger.ts';
import { openLmdb } from '../../src/vault/ledger-store.ts';
import { storing } from '../../src/vault/storing.ts';
import type { Vault } from '../../src/vault/vault.ts';
import { recordsOf, treeOf } from '../helpers/archives.ts';
import { latch } from '../helpers/parcels.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';
import {
  backlogOf,
  inKilledRun,
  inRun,
  keep,
  missing,
  numberedItem,
  openVault,
  partOf,
  place,
  postOf,
  recordOf,
  sha256,
} from '../helpers/vaults.ts';

const items = [1, 2, 3, 4].map((n) => numberedItem(n));
const [one, two, three, four] = items as [
  (typeof items)[0],
  (typeof items)[0],
  (typeof items)[0],
  (typeof items)[0],
];

/** An archive with something kept, missing, failed, and not yet tried, of two segments. */
async function fill(root: string, text = 'picture'): Promise<void> {
  await inRun(root, async (vault) => {
    await vault.posts.add('demo', { posts: [postOf('p1', [one]), postOf('p2', [two])], cursor: 'c1' });
    await keep(vault, one, `${text} 1`);
    await vault.record([missing(two)]);
  });
  await inRun(root, async (vault) => {
    await vault.posts.add('demo', { posts: [postOf('p3', [three]), postOf('p4', [four])], cursor: 'c2' });
    await vault.record([recordOf(three)]);
  });
}

/** All that an archive can be asked. */
async function answersOf(vault: Vault) {
  const found = await Promise.all(items.map(({ id }) => vault.find(id)));
  const content = await Promise.all(['picture 1', 'other 1'].map((text) => vault.findContent(sha256(text))));
  const [backlog, cursor] = [await backlogOf(vault), await vault.posts.cursor('demo')];
  return {
    states: found.map((record) => record?.status),
    content: content.map((record) => record?.item),
    backlog,
    cursor,
  };
}

const answers = {
  states: ['kept', 'missing', 'failed', undefined],
  content: ['demo:1', undefined],
  backlog: ['demo:2', 'demo:3', 'demo:4'],
  cursor: 'c2',
};

const manifestOf = (root: string) => join(root, names.manifest);

describe('an archive', () => {
  it('finds what was recorded, by item and by bytes, in the same run and in later ones', () =>
    withTempFolder(async (root) => {
      await inRun(root, async (vault) => {
        const record = await keep(vault, one, 'picture');
        expect(await vault.find('demo:1')).toEqual(record);
        expect(await vault.findContent(sha256('picture'))).toEqual(record);
        expect(await vault.find('demo:2')).toBeUndefined();
        expect(await vault.findContent(sha256('other'))).toBeUndefined();
      });
      await inRun(root, async (vault) => {
        expect((await vault.find('demo:1'))?.status).toBe('kept');
        await vault.record([missing(one)]);
        expect((await vault.find('demo:1'))?.status).toBe('missing');
      });
      expect(recordsOf(root).map(({ status }) => status)).toEqual(['kept', 'missing']);
    }));

  it('holds a file only as long as a regular one of that size lies there (I-1)', () =>
    withTempFolder(async (root) => {
      await inRun(root, async (vault) => {
        const record = await keep(vault, one, 'picture');
        const file = join(root, record.path!);
        expect(vault.holds(record)).toBe(true);
        expect(vault.holds({ ...record, status: 'failed' })).toBe(true); // bytes that are only suspected are there, too
        expect(vault.holds({ ...record, path: undefined })).toBe(false);
        truncateSync(file, 3);
        expect(vault.holds(record)).toBe(false);
        expect(await vault.findContent(record.sha256!)).toBeUndefined();
        rmSync(file);
        expect(vault.holds(record)).toBe(false);
        writeFileSync(join(root, 'elsewhere'), 'picture');
        symlinkSync(join(root, 'elsewhere'), file);
        expect(statSync(file).size).toBe(record.bytes);
        expect(vault.holds(record)).toBe(false);
        rmSync(join(root, 'elsewhere'));
        rmSync(file);
        writeFileSync(file, 'picture');
      });
    }));

  it('is changed by no run that brings nothing new (I-11)', () =>
    withTempFolder(async (root) => {
      await fill(root);
      const before = treeOf(root);
      for (let again = 0; again < 2; again++) {
        await inRun(root, async (vault, warnings) => {
          expect(await answersOf(vault)).toEqual(answers);
          expect(await vault.posts.add('demo', { posts: [postOf('p1', [one])], cursor: 'c9' })).toMatchObject(
            { fresh: 0 },
          );
          await vault.record([]);
          expect(await vault.place([], [])).toEqual([]);
          expect(warnings).toEqual([]);
        });
        expect(treeOf(root)).toEqual(before);
      }
    }));

  it('works where it was moved or copied to (U06)', () =>
    withTempFolder(async (dir) => {
      const [here, there] = [join(dir, 'here'), join(dir, 'far', 'there')];
      await fill(here);
      await inKilledRun(here, (vault) => place(vault, four, 'picture 4'));
      cpSync(here, there, { recursive: true });
      partOfHere(here);
      await inRun(there, async (vault, warnings) => {
        expect((await answersOf(vault)).states).toEqual(['kept', 'missing', 'failed', 'kept']);
        expect(warnings).toEqual([]);
      });
      expect(readFileSync(join(here, '.oxbow/parts/of-here.part'), 'utf8')).toBe('untouched');
      expect((await verifyArchive(there)).damage).toEqual([]);
    }));

  it('refuses a second run in the same process and leaves the first alone (P07)', () =>
    withTempFolder(async (root) => {
      await inRun(root, async (vault) => {
        const second = openVault(root);
        await expect(second).rejects.toThrow(StorageError);
        await expect(second).rejects.toThrow(`The archive ${root} is in use by process ${process.pid}`);
        await keep(vault, one, 'picture');
      });
      expect(recordsOf(root).length).toBe(1);
    }));

  it('lets go of all its files when it cannot be opened after all', () =>
    withTempFolder(async (root) => {
      await fill(root);
      appendFileSync(manifestOf(root), `${JSON.stringify({ ...recordOf(one), v: 2 })}\n`);
      await openVault(root).catch(() => undefined);
      const before = readdirSync('/proc/self/fd').length;
      for (let again = 0; again < 5; again++) await expect(openVault(root)).rejects.toThrow('update Oxbow');
      expect(readdirSync('/proc/self/fd').length).toBe(before);
      expect(existsSync(join(root, names.lock))).toBe(false);
    }));
});

/** A part of the original that its copy must not touch. */
function partOfHere(here: string): void {
  mkdirSync(join(here, '.oxbow/parts'), { recursive: true });
  const note = join(here, names.intents);
  writeFileSync(join(here, '.oxbow/parts/of-here.part'), 'untouched');
  writeFileSync(
    note.replace('/here/', '/far/there/'),
    readFileSync(note, 'utf8').replace(/[0-9a-f]{32}\.part/, 'of-here.part'),
  );
}

describe('a torn manifest (D07)', () => {
  it('is mended wherever its last record was cut, also inside a character, and all earlier ones stand', () =>
    withTempFolder(async (dir) => {
      const whole = join(dir, 'whole');
      const last = recordOf(two, { url: 'http://blog.example/語é😀.jpg' });
      await inRun(whole, async (vault) => {
        await keep(vault, one, 'picture');
        await vault.record([last]);
      });
      const bytes = readFileSync(manifestOf(whole));
      const begin = bytes.lastIndexOf(10, bytes.length - 2) + 1;
      const [root, next] = [join(dir, 'cut'), recordOf(three)];
      cpSync(whole, root, { recursive: true });
      for (let cut = begin; cut < bytes.length; cut++) {
        writeFileSync(manifestOf(root), bytes.subarray(0, cut));
        rmSync(join(root, names.torn), { recursive: true, force: true });
        await inKilledRun(root, async (vault) => {
          expect((await vault.find('demo:1'))?.status).toBe('kept');
          expect(await vault.find('demo:2')).toBeUndefined();
          await vault.record([next]);
        });
        expect(readFileSync(manifestOf(root)).subarray(0, begin).equals(bytes.subarray(0, begin))).toBe(true);
        expect(recordsOf(root).map(({ item }) => item)).toEqual(['demo:1', 'demo:3']);
        const aside = existsSync(join(root, names.torn)) ? readdirSync(join(root, names.torn)) : [];
        expect(aside.length).toBe(cut === begin ? 0 : 1);
        if (aside[0])
          expect(readFileSync(join(root, names.torn, aside[0])).equals(bytes.subarray(begin, cut))).toBe(
            true,
          );
      }
    }));

  it.each([1, 17, 4096])('is mended when %i NUL bytes were appended, with one warning', (count) =>
    withTempFolder(async (root) => {
      await fill(root);
      const before = readFileSync(manifestOf(root));
      for (const tail of [
        Buffer.alloc(count),
        Buffer.concat([Buffer.from('{"v":1,"it'), Buffer.alloc(count)]),
      ]) {
        appendFileSync(manifestOf(root), tail);
        await inRun(root, async (vault, warnings) => {
          expect(warnings).toEqual([`${tail.length} bytes of a torn record were set aside in .oxbow/torn`]);
          expect(await answersOf(vault)).toEqual(answers);
        });
        expect(readFileSync(manifestOf(root)).equals(before)).toBe(true);
      }
    }),
  );

  it('damaged in the middle is told, and every other record is used (U05)', () =>
    withTempFolder(async (root) => {
      await fill(root);
      const lines = readFileSync(manifestOf(root), 'utf8').split('\n');
      writeFileSync(manifestOf(root), [lines[0], 'xxx', ...lines.slice(2)].join('\n'));
      await inRun(root, async (vault, warnings) => {
        expect(warnings).toEqual([
          `manifest.jsonl is damaged: no record at byte ${Buffer.byteLength(lines[0]!) + 1}`,
        ]);
        expect(await answersOf(vault)).toEqual({
          ...answers,
          states: ['kept', undefined, 'failed', undefined],
        });
      });
    }));
});

describe('the ledger of an archive (D12)', () => {
  const ledgerOf = (root: string) => join(root, names.ledger);

  /** The ledger as it is, with lies told by its own hand. */
  async function lie(root: string, tell: (ledger: Ledger) => Promise<void>): Promise<void> {
    const ledger = Ledger.at(ledgerOf(root));
    await tell(ledger);
    await ledger.close();
  }

  const troubles: [string, (root: string, dir: string) => Promise<void> | void][] = [
    ['deleted', (root) => rmSync(ledgerOf(root), { recursive: true })],
    ['deleted with the whole work folder', (root) => rmSync(join(root, names.work), { recursive: true })],
    ['emptied', (root) => lie(root, (ledger) => ledger.clear())],
    ['a file of no bytes', (root) => truncateSync(join(ledgerOf(root), 'data.mdb'), 0)],
    [
      'of another archive',
      async (root, dir) => {
        await fill(join(dir, 'other'), 'other');
        await inRun(join(dir, 'other'), (vault) => vault.record([recordOf(one)]));
        rmSync(ledgerOf(root), { recursive: true });
        cpSync(ledgerOf(join(dir, 'other')), ledgerOf(root), { recursive: true });
      },
    ],
    [
      'of another archive that holds posts only',
      async (root, dir) => {
        await inRun(join(dir, 'other'), ({ posts }) =>
          posts.add('demo', { posts: [postOf('p1', [numberedItem(9)])] }),
        );
        rmSync(ledgerOf(root), { recursive: true });
        cpSync(ledgerOf(join(dir, 'other')), ledgerOf(root), { recursive: true });
      },
    ],
    [
      'full of things nobody knows',
      (root) =>
        lie(root, async (ledger) => {
          await ledger.learnPosts([{ id: 'px', segment: 7, offset: 9, sum: 's', items: ['demo:x'] }]);
          await ledger.learnRecords([{ record: recordOf(four), offset: 5_000_000 }]);
        }),
    ],
    [
      'pointing to other lines, into the middle of one, and beyond the end',
      (root) =>
        lie(root, async (ledger) => {
          const at = [0, 5, 10_000_000, -1];
          await ledger.learnRecords(items.map((item, i) => ({ record: recordOf(item), offset: at[i]! })));
        }),
    ],
    [
      'pointing to the wrong bytes and files',
      (root) =>
        lie(root, async (ledger) => {
          const [record] = recordsOf(root);
          await ledger.learnRecords([{ record: record!, offset: 3 }]);
        }),
    ],
    [
      'with entries that cannot be read',
      async (root) => {
        const db = open<string, string>({ path: ledgerOf(root), encoding: 'string' });
        for (const { id } of items) await db.put(`oxbow-item:${id}`, '{"value":{"at":');
        await db.close();
      },
    ],
    [
      'describing items by the wrong posts',
      (root) =>
        lie(root, (ledger) =>
          ledger.learnPosts([{ id: 'p2', segment: 1, offset: 0, sum: 's', items: ['demo:2'] }]),
        ),
    ],
  ];

  it.each(troubles)('%s gives the same answers as before, and is made anew without a flag', (_, trouble) =>
    withTempFolder(async (dir) => {
      const root = join(dir, 'archive');
      await fill(root);
      const before = treeOf(root);
      const ledgerBefore = readFileSync(join(ledgerOf(root), 'data.mdb'));
      await trouble(root, dir);
      const now = join(ledgerOf(root), 'data.mdb');
      expect(existsSync(now) && readFileSync(now).equals(ledgerBefore)).toBe(false);
      await inRun(root, async (vault) => expect(await answersOf(vault)).toEqual(answers));
      await inRun(root, async (vault, warnings) => {
        expect(await answersOf(vault)).toEqual(answers);
        expect(warnings).toEqual([]);
      });
      expect(treeOf(root)).toEqual(before);
    }),
  );

  /** Overwrites pages of the database in place; a page is 4096 bytes at least. */
  const blot = (root: string, from: number, to: number, byte: number) => {
    const file = join(ledgerOf(root), 'data.mdb');
    const bytes = readFileSync(file);
    bytes.fill(byte, from * 4096, Math.min(to * 4096, bytes.length));
    writeFileSync(file, bytes);
  };
  const damages: [string, (root: string) => void][] = [
    ['with its first page zeroed', (root) => blot(root, 0, 1, 0)],
    ['with all later pages zeroed', (root) => blot(root, 2, 1000, 0)],
    ['with garbage in its last pages', (root) => blot(root, 4, 1000, 255)],
    ['of nothing but garbage', (root) => blot(root, 0, 1000, 171)],
    ['cut', (root) => truncateSync(join(ledgerOf(root), 'data.mdb'), 5000)],
    [
      'of garbage, in an archive whose run was killed',
      (root) => {
        rmSync(join(ledgerOf(root), 'seal'));
        blot(root, 0, 1000, 171);
      },
    ],
    [
      'that is a file',
      (root) => {
        rmSync(ledgerOf(root), { recursive: true });
        writeFileSync(ledgerOf(root), 'what is this');
      },
    ],
    [
      'whose lock is a folder',
      (root) => {
        rmSync(join(ledgerOf(root), 'lock.mdb'), { force: true });
        mkdirSync(join(ledgerOf(root), 'lock.mdb'));
      },
    ],
  ];

  it.each(damages)('%s is set aside with a warning, and a new one gives the same answers', (_, damage) =>
    withTempFolder(async (root) => {
      await fill(root);
      const before = treeOf(root);
      damage(root);
      await inRun(root, async (vault, warnings) => {
        expect(warnings.at(-1)).toContain('the ledger is damaged');
        expect(await answersOf(vault)).toEqual(answers);
      });
      expect(existsSync(`${ledgerOf(root)}-damaged`)).toBe(true);
      await inRun(root, async (vault, warnings) => {
        expect(await answersOf(vault)).toEqual(answers);
        expect(warnings).toEqual([]);
      });
      expect(treeOf(root)).toEqual(before);
    }),
  );

  it('restored from an older copy learns what happened since', () =>
    withTempFolder(async (dir) => {
      const root = join(dir, 'archive');
      await inRun(root, async (vault) => {
        await vault.posts.add('demo', { posts: [postOf('p1', [one]), postOf('p2', [two])], cursor: 'c1' });
        await vault.record([recordOf(one), recordOf(two)]);
      });
      cpSync(ledgerOf(root), join(dir, 'old'), { recursive: true });
      await inRun(root, async (vault) => {
        await vault.posts.add('demo', { posts: [postOf('p3', [three])], cursor: 'c2' });
        await keep(vault, one, 'picture 1');
      });
      rmSync(ledgerOf(root), { recursive: true });
      renameSync(join(dir, 'old'), ledgerOf(root));
      await lie(root, async (ledger) => expect(await ledger.itemAt('demo:1')).toBe(0));
      await lie(root, async (ledger) => expect(await ledger.openItem('demo:3')).toBeUndefined());
      await inRun(root, async (vault) => {
        expect((await vault.find('demo:1'))?.status).toBe('kept');
        expect(await backlogOf(vault)).toEqual(['demo:2', 'demo:3']);
        expect(await vault.posts.cursor('demo')).toBe('c2');
      });
    }));

  it('is not believed about posts whose segment is gone', () =>
    withTempFolder(async (root) => {
      await inKilledRun(root, ({ posts }) => posts.add('demo', { posts: [postOf('p1', [one])] }));
      rmSync(join(root, names.openPosts), { recursive: true });
      await lie(root, async (ledger) => expect(await ledger.openItem('demo:1')).toBeDefined());
      await inRun(root, async ({ posts }) =>
        expect(await posts.add('demo', { posts: [postOf('p1', [one])] })).toMatchObject({ fresh: 1 }),
      );
    }));

  it('that lies about files never leads to a bag without them, nor are they set aside', () =>
    withTempFolder(async (root) => {
      await fill(root);
      const record = recordsOf(root)[0]!;
      await lie(root, (ledger) => ledger.learnRecords([{ record, offset: 3 }]));
      rmSync(join(root, 'tagmanifest-sha256.txt'));
      const { vault, warnings } = await openVault(root);
      await vault.record([recordOf(two)]);
      await vault.close({ inOrder: true });
      expect(warnings).toEqual(['the ledger did not agree with the lines and is made anew']);
      expect(existsSync(join(root, record.path!))).toBe(true);
      expect((await verifyArchive(root)).damage).toEqual([]);
    }));

  it('that has forgotten a file does not make a stray of it', () =>
    withTempFolder(async (root) => {
      await fill(root);
      const record = recordsOf(root)[0]!;
      const stores = openLmdb(ledgerOf(root));
      expect(await stores.store('oxbow-file').delete(record.path!)).toBe(true);
      await stores.close();
      rmSync(join(root, 'tagmanifest-sha256.txt')); // as a run that died leaves it
      await inRun(root, async (vault) => expect(vault.holds(record)).toBe(true));
      expect(existsSync(join(root, names.strays))).toBe(false);
    }));

  it('is made anew while records and posts keep coming, and misses none of them', () =>
    withTempFolder(async (root) => {
      const many = Array.from({ length: 60 }, (_, n) => numberedItem(n));
      await inRun(root, async (vault) => {
        await vault.posts.add('demo', { posts: many.map((item) => postOf(`p${item.id}`, [item])) });
        await vault.record(many.slice(0, 20).map((item) => recordOf(item)));
      });
      await lie(root, (ledger) => ledger.learnRecords([{ record: recordOf(many[0]!), offset: 3 }]));
      const more = Array.from({ length: 20 }, (_, n) => numberedItem(100 + n));
      const told = latch();
      const { vault } = await openVault(root, { warn: () => told.open() });
      const found = vault.find(many[0]!.id);
      await told.opened; // it is being made anew from here on
      const recording = (async () => {
        for (const item of many.slice(20)) await vault.record([missing(item)]);
      })();
      const posting = (async () => {
        for (const item of more) await vault.posts.add('demo', { posts: [postOf(`p${item.id}`, [item])] });
      })();
      expect((await found)?.status).toBe('failed');
      await Promise.all([recording, posting]);
      await vault.close({ inOrder: true });
      await inRun(root, async (vault, warnings) => {
        expect(warnings).toEqual([]);
        for (const [n, { id }] of many.entries())
          expect((await vault.find(id))?.status, id).toBe(n < 20 ? 'failed' : 'missing');
        const open = [...many, ...more].map(({ id }) => id).sort();
        expect(await backlogOf(vault)).toEqual(open);
      });
      expect((await verifyArchive(root)).damage).toEqual([]);
    }));
});

describe('the backlog', () => {
  it('holds what posts want and no run has kept, also after the ledger was deleted', () =>
    withTempFolder(async (root) => {
      const restarts = [() => undefined, () => rmSync(join(root, names.work), { recursive: true })];
      const expectOpen = async (...ids: string[]) => {
        for (const restart of restarts) {
          restart();
          await inRun(root, async (vault) => expect(await backlogOf(vault)).toEqual(ids));
        }
      };
      await inRun(root, ({ posts }) =>
        posts.add('demo', { posts: [postOf('p1', [one, two]), postOf('p2', [two, three])] }),
      );
      await expectOpen('demo:1', 'demo:2', 'demo:3');
      await inRun(root, (vault) => keep(vault, one, 'picture'));
      await expectOpen('demo:2', 'demo:3');
      await inRun(root, (vault) => vault.record([missing(two)]));
      await expectOpen('demo:2', 'demo:3');
      await inRun(root, (vault) => keep(vault, three, 'another'));
      await expectOpen('demo:2');
      await inRun(root, (vault) => vault.record([recordOf(one)]));
      await expectOpen('demo:1', 'demo:2');
      await inRun(root, ({ posts }) => posts.add('demo', { posts: [postOf('p1', [one, four])] }));
      await expectOpen('demo:1', 'demo:2', 'demo:4');
    }));

  it('describes an item as the last post did that wants it', () =>
    withTempFolder(async (root) => {
      await inRun(root, ({ posts }) => posts.add('demo', { posts: [postOf('p1', [one])] }));
      const moved = { ...one, url: 'http://cdn.example/1.jpg' };
      await inRun(root, ({ posts }) => posts.add('demo', { posts: [postOf('p1', [moved])] }));
      for (let again = 0; again < 2; again++) {
        await inRun(root, async (vault) => {
          for await (const item of vault.backlog()) expect(item).toEqual(moved);
        });
        rmSync(join(root, names.work), { recursive: true });
      }
    }));
});

describe('the order of commits', () => {
  it('leaves the ledger without a record that could not be written, and the file without being named (E02)', () =>
    withTempFolder(async (root) => {
      const { vault } = await openVault(root);
      await vault.posts.add('demo', { posts: [postOf('p1', [one])] });
      const record = await place(vault, one, 'picture');
      await vault.close({ inOrder: false });
      const failing = vault.record([record]);
      await expect(failing).rejects.toThrow(StorageError);
      await expect(failing).rejects.toThrow(`Cannot write ${manifestOf(root)}`);
      expect(readFileSync(manifestOf(root), 'utf8')).toBe('');
      const ledger = Ledger.at(join(root, names.ledger));
      expect(await ledger.itemAt('demo:1')).toBeUndefined();
      expect(await ledger.openItem('demo:1')).toBeDefined();
      await ledger.close();
    }));

  it('leaves no sealed bag behind when a run dies after its first change', () =>
    withTempFolder(async (root) => {
      await fill(root);
      expect(existsSync(join(root, 'tagmanifest-sha256.txt'))).toBe(true);
      await inKilledRun(root, (vault) => vault.record([recordOf(two)]));
      expect(existsSync(join(root, 'tagmanifest-sha256.txt'))).toBe(false);
      await inRun(root, async () => undefined);
      expect((await verifyArchive(root)).damage).toEqual([]);
    }));

  it('lets every file appear under data only by being placed', () =>
    withTempFolder(async (root) => {
      await inRun(root, async (vault) => {
        partOf(vault, one, 'picture');
        await vault.posts.add('demo', { posts: [postOf('p1', [one])] });
        expect(existsSync(join(root, 'data'))).toBe(false);
      });
    }));
});

describe('a kept file that was damaged later (E15)', () => {
  it.each([
    ['cut', 'pict'],
    ['changed in place', 'PICTURE'],
  ])('%s makes way for a good one under the same name, and the archive is sound again', (_, damaged) =>
    withTempFolder(async (root) => {
      const path = await inRun(root, async (vault) => (await keep(vault, one, 'picture')).path!);
      writeFileSync(join(root, path), damaged);
      expect((await verifyArchive(root)).sound).toBe(false);
      await inRun(root, async (vault, warnings) => {
        expect(await vault.findContent(sha256('picture'))).toBeUndefined();
        expect((await keep(vault, one, 'picture')).path).toBe(path);
        expect(warnings).toEqual([`${path} was damaged: it was set aside in ${names.strays}`]);
      });
      expect(readFileSync(join(root, path), 'utf8')).toBe('picture');
      expect(readFileSync(join(root, names.strays, path), 'utf8')).toBe(damaged);
      expect((await verifyArchive(root)).damage).toEqual([]);
    }),
  );

  it('is superseded also by other bytes, which the bag lists then, and set aside as often as it happens', () =>
    withTempFolder(async (root) => {
      const path = await inRun(root, async (vault) => (await keep(vault, one, 'picture')).path!);
      for (const text of ['second', 'third one']) {
        writeFileSync(join(root, path), `damaged before ${text}`);
        await inRun(root, async (vault) => expect((await keep(vault, one, text)).path).toBe(path));
        expect(readFileSync(join(root, 'manifest-sha256.txt'), 'utf8')).toContain(`${sha256(text)}  ${path}`);
        expect((await verifyArchive(root)).damage).toEqual([]);
      }
      expect(readFileSync(join(root, names.strays, path), 'utf8')).toBe('damaged before second');
      expect(readFileSync(join(root, names.strays, `${path}-2`), 'utf8')).toBe('damaged before third one');
    }));

  it('is recorded anew when the run dies that had just replaced it', () =>
    withTempFolder(async (root) => {
      const path = await inRun(root, async (vault) => (await keep(vault, one, 'picture')).path!);
      writeFileSync(join(root, path), 'pict');
      await inKilledRun(root, (vault) => place(vault, one, 'another picture'));
      await inRun(root, async (vault) =>
        expect(await vault.find(one.id)).toMatchObject({ path, sha256: sha256('another picture') }),
      );
      expect((await verifyArchive(root)).damage).toEqual([]);
    }));

  it('is not what a whole one or a foreign one is: those stay, and the next name is used (E13)', () =>
    withTempFolder(async (root) => {
      await inRun(root, async (vault) => {
        const { path } = await keep(vault, one, 'picture');
        expect((await keep(vault, one, 'changed picture')).path).not.toBe(path);
        expect(readFileSync(join(root, path!), 'utf8')).toBe('picture');
        const own = mediaPath(two, 'jpg');
        mkdirSync(dirname(join(root, own)), { recursive: true });
        writeFileSync(join(root, own), 'foreign');
        expect((await keep(vault, two, 'picture 2')).path).toBe(mediaPath(two, 'jpg', 2));
        expect(readFileSync(join(root, own), 'utf8')).toBe('foreign');
      });
      expect(existsSync(join(root, names.strays))).toBe(false);
    }));
});

describe('trouble with the disk', () => {
  /** A folder that stands where a file must be written or removed: the disk says no, to whomever. */
  const block = (root: string, path: string) => mkdirSync(join(root, path, 'x'), { recursive: true });
  const troubles: [string, string, (vault: Vault) => Promise<unknown>][] = [
    ['what is about to be placed', names.intents, (vault) => place(vault, two, 'more')],
    ['the seal', 'tagmanifest-sha256.txt', (vault) => vault.record([recordOf(two)])],
    ['posts', `${names.openPosts}/0001.jsonl`, ({ posts }) => posts.add('demo', { posts: [postOf('p9')] })],
  ];
  it.each(troubles)('is told in one sentence when it is with %s (E06)', (_, path, work) =>
    withTempFolder(async (root) => {
      const { vault } = await openVault(root);
      block(root, path);
      const error = await work(vault).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(StorageError);
      expect((error as StorageError).message).toMatch(/^Cannot (store|write)[^\n]+\.$/);
      await vault.close({ inOrder: false });
    }),
  );

  it.each([[names.intents], ['.oxbow/manifest-sha256.txt~']])(
    'is told likewise at the end of a run, and the next one can be opened (%s)',
    (path) =>
      withTempFolder(async (root) => {
        const { vault } = await openVault(root);
        await vault.record([recordOf(one)]);
        block(root, path);
        const error = await vault.close({ inOrder: true }).catch((caught: unknown) => caught);
        expect(error).toBeInstanceOf(StorageError);
        expect((error as StorageError).message).toContain(`Cannot close ${root}: `);
        rmSync(join(root, path), { recursive: true });
        await inRun(root, async (next) => expect((await next.find(one.id))?.status).toBe('failed'));
      }),
  );

  it('does not make a disk error of a bug', async () => {
    const bug = storing('Cannot do it', () => Promise.reject(new TypeError('undefined is not')));
    await expect(bug).rejects.toThrow(TypeError);
  });
});
