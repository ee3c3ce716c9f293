import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { StorageError } from '../../src/errors.ts';
import { takeLock } from '../../src/vault/lock.ts';
import { latch } from '../helpers/parcels.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';
import { startScript, withCompiled } from '../helpers/vaults.ts';

const nobody = () => undefined;

/** An archive's work folder; gives the path of its lock. */
const withLock = <T>(work: (path: string) => Promise<T>) =>
  withTempFolder((dir) => work(join(dir, 'archive/.oxbow/lock')));

/** A lock as some owner left it; returns the file that its heartbeat would touch. */
function plant(path: string, owner: object | string): string {
  const file = join(path, 'planted');
  mkdirSync(path, { recursive: true });
  writeFileSync(file, typeof owner === 'string' ? owner : JSON.stringify(owner));
  return file;
}

const ownerIn = (path: string) => JSON.parse(readFileSync(join(path, readdirSync(path)[0]!), 'utf8'));

const elsewhere = {
  id: 'x',
  host: 'another-host',
  boot: 'b',
  pid: 1,
  start: '5',
  since: '2026-01-01T00:00:00.000Z',
};

/** Holds a lock until it is told to let go, or killed. */
const holder = `
  const { takeLock } = await import(process.argv[2]);
  try {
    const lock = await takeLock(process.argv[3], () => undefined);
    console.log('won');
    process.stdin.once('data', async () => { await lock.release(); process.exit(0); });
  } catch (error) {
    console.log(error.code + ' ' + error.message);
    process.exit(6);
  }`;

describe('a lock', () => {
  it('is there while it is held, and gone with everything of it afterwards (I-12)', () =>
    withLock(async (path) => {
      const lock = await takeLock(path, nobody);
      expect(ownerIn(path)).toMatchObject({ host: hostname(), pid: process.pid });
      await lock.release();
      expect(readdirSync(dirname(path))).toEqual([]);
      await (await takeLock(path, nobody)).release();
    }));

  it('is refused to a second one in the same process, which is told who holds it since when (P07)', () =>
    withLock(async (path) => {
      const lock = await takeLock(path, nobody);
      const { since } = ownerIn(path);
      const second = takeLock(path, nobody);
      await expect(second).rejects.toThrow(StorageError);
      await expect(second).rejects.toThrow(
        `is in use by process ${process.pid} on ${hostname()} since ${since}.`,
      );
      expect(readdirSync(dirname(path))).toEqual(['lock']);
      await lock.release();
    }));

  it('is taken over from a process that was killed while it held it (P02)', () =>
    withCompiled('vault/lock.ts', (compiled) =>
      withLock(async (path) => {
        const { child, ended, next } = startScript(join(dirname(compiled), 'holder.mjs'), holder, [
          compiled,
          path,
        ]);
        expect(await next()).toBe('won');
        await expect(takeLock(path, nobody)).rejects.toThrow(`process ${child.pid} on ${hostname()}`);
        child.kill('SIGKILL');
        expect(await ended).toBe('SIGKILL');
        expect(ownerIn(path).pid).toBe(child.pid);
        const lock = await takeLock(path, nobody);
        expect(ownerIn(path).pid).toBe(process.pid);
        await lock.release();
      }),
    ));

  it('is taken over when the number of its process belongs to another one now (P02)', () =>
    withLock(async (path) => {
      const { boot } = await ownOwner(path);
      plant(path, { ...elsewhere, host: hostname(), boot, pid: process.pid, start: '1' });
      await (await takeLock(path, nobody)).release();
    }));

  it('is taken over after the machine was started anew, though the number of its process is in use (P02)', () =>
    withLock(async (path) => {
      const { start } = await ownOwner(path);
      plant(path, { ...elsewhere, host: hostname(), boot: 'an earlier one', pid: process.pid, start });
      await (await takeLock(path, nobody)).release();
    }));

  it('of a living process is not taken over, however old its heartbeat is (P04)', () =>
    withLock(async (path) => {
      const file = plant(path, await ownOwner(path));
      utimesSync(file, new Date('2016-01-01'), new Date('2016-01-01'));
      await expect(takeLock(path, nobody)).rejects.toThrow(`process ${process.pid} on`);
      expect(existsSync(file)).toBe(true);
    }));

  it('of another host is refused while its heart beats, and taken over a minute after (P03)', () =>
    withLock(async (path) => {
      const file = plant(path, elsewhere);
      await expect(takeLock(path, nobody)).rejects.toThrow(
        'in use by process 1 on another-host since 2026-01-01T00:00:00.000Z',
      );
      expect(existsSync(file)).toBe(true);
      const longAgo = new Date(statSync(file).mtimeMs - 61_000);
      utimesSync(file, longAgo, longAgo);
      await (await takeLock(path, nobody)).release();
      expect(existsSync(file)).toBe(false);
    }));

  it.each(['', 'junk', 'null', '{"host":5}', '{"host":"x","pid":-1}'])(
    'that holds %j is judged by its age alone, with advice (P08)',
    (junk) =>
      withLock(async (path) => {
        const file = plant(path, junk);
        await expect(takeLock(path, nobody)).rejects.toThrow(
          `in use by an unknown owner; if none is at work, remove ${path}.`,
        );
        utimesSync(file, new Date(0), new Date(0));
        await (await takeLock(path, nobody)).release();
      }),
  );

  it('that is a file instead of a folder is judged likewise, and a link is not followed (P08, F07)', () =>
    withLock(async (path) => {
      const outside = join(dirname(path), '../outside');
      mkdirSync(outside, { recursive: true });
      mkdirSync(dirname(path));
      writeFileSync(path, '');
      await expect(takeLock(path, nobody)).rejects.toThrow('an unknown owner');
      utimesSync(path, new Date(0), new Date(0));
      await (await takeLock(path, nobody)).release();

      writeFileSync(
        path,
        JSON.stringify({ ...elsewhere, host: hostname(), boot: null, pid: process.pid, start: '1' }),
      );
      await (await takeLock(path, nobody)).release();

      writeFileSync(join(outside, 'planted'), 'x');
      symlinkSync(outside, path);
      await expect(takeLock(path, nobody)).rejects.toThrow(StorageError);
      rmSync(path);
      symlinkSync(join(outside, 'nowhere'), path);
      await expect(takeLock(path, nobody)).rejects.toThrow(StorageError);
      expect(readdirSync(outside)).toEqual(['planted']);
    }));

  it('says what is in its way when a folder of other things is', () =>
    withLock(async (path) => {
      mkdirSync(join(path, 'a folder'), { recursive: true });
      utimesSync(join(path, 'a folder'), new Date(0), new Date(0));
      await expect(takeLock(path, nobody)).rejects.toThrow(`${path} is in the way`);
      expect(existsSync(join(path, 'a folder'))).toBe(true);
    }));

  it('says why it cannot be made (P08)', () =>
    withTempFolder(async (dir) => {
      writeFileSync(join(dir, 'file'), '');
      await expect(takeLock(join(dir, 'file/.oxbow/lock'), nobody)).rejects.toThrow(/Cannot lock .*ENOTDIR/);
    }));

  it('goes to exactly one of twenty at once, also when a dead owner is in the way (P01)', async () => {
    for (let race = 0; race < 20; race++) {
      await withLock(async (path) => {
        if (race % 2 === 0)
          plant(path, { ...elsewhere, host: hostname(), boot: null, pid: process.pid, start: '1' });
        const all = await Promise.allSettled(Array.from({ length: 20 }, () => takeLock(path, nobody)));
        const won = all.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
        const lost = all.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
        expect(won.length, `race ${race}`).toBe(1);
        for (const error of lost) expect(error.message).toContain(`in use by process ${process.pid}`);
        expect(readdirSync(path).length).toBe(1);
        await won[0]!.release();
        expect(existsSync(path)).toBe(false);
      });
    }
  });

  it('goes to exactly one of two processes in ten races, also over a dead owner (P01)', () =>
    withCompiled('vault/lock.ts', async (compiled) => {
      for (let race = 0; race < 10; race++) {
        await withLock(async (path) => {
          if (race % 2 === 0)
            plant(path, { ...elsewhere, host: hostname(), boot: null, pid: process.pid, start: '1' });
          const file = join(dirname(compiled), `race-${race}.mjs`);
          const runners = [1, 2].map(() => startScript(file, holder, [compiled, path]));
          const said = await Promise.all(runners.map(({ next }) => next()));
          expect(said.filter((word) => word === 'won').length, said.join()).toBe(1);
          const winner = runners[said.indexOf('won')]!;
          const loser = runners.find((runner) => runner !== winner)!;
          expect(said.find((word) => word !== 'won')).toMatch(
            new RegExp(`^ERR_STORAGE .* in use by process ${winner.child.pid} on`),
          );
          expect(await loser.ended).toBe(6);
          winner.child.stdin!.end('let go\n');
          expect(await winner.ended).toBe(0);
          expect(existsSync(path)).toBe(false);
        });
      }
    }));

  it('tells its owner when it was taken away, and leaves the new one alone', () =>
    withLock(async (path) => {
      const told = latch<StorageError>();
      const lock = await takeLock(path, told.open, 5);
      rmSync(path, { recursive: true });
      const file = plant(path, elsewhere);
      const error = await told.opened;
      expect(error).toBeInstanceOf(StorageError);
      expect(error.message).toContain(`The lock of ${dirname(dirname(path))} was taken away`);
      await lock.release();
      expect(existsSync(file)).toBe(true);
    }));

  it('shows by its time that the heart beats, by the clock of the file system, and stays as it was', () =>
    withLock(async (path) => {
      const lock = await takeLock(path, nobody, 5);
      const file = join(path, readdirSync(path)[0]!);
      const before = readFileSync(file, 'utf8');
      utimesSync(file, new Date(0), new Date(0));
      while (statSync(file).mtimeMs === 0) await new Promise<void>((resolve) => setImmediate(resolve));
      writeFileSync(join(dirname(path), 'now'), '');
      expect(Math.abs(statSync(join(dirname(path), 'now')).mtimeMs - statSync(file).mtimeMs)).toBeLessThan(
        60_000,
      );
      expect(readFileSync(file, 'utf8')).toBe(before);
      await lock.release();
    }));
});

/** What this process writes into its own lock. */
async function ownOwner(path: string) {
  const lock = await takeLock(path, nobody);
  const owner = ownerIn(path);
  await lock.release();
  return owner;
}
