import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import { expect } from 'vitest';
import { treeOf } from '../../helpers/archives.ts';
import { latch } from '../../helpers/parcels.ts';
import { withRawServers } from '../../helpers/raw-server.ts';
import { type Case, fault } from '../fault.ts';
import { pictureFor } from './pictures.ts';
import { type Came, endOf, type Scene, withScene } from './scene.ts';

const STALL = 0.3;
/** Longer than anything that waits for the server. */
const WHILE = 4 * STALL * 1000;

const stateOf = (pid: number) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.[0];

interface Stop {
  readonly out: string;
  /** Milliseconds for which the process stands still: how long that is, is the fault itself. */
  readonly long: number;
  /** What happens while the process stands still. */
  readonly meanwhile: (addresses: readonly string[]) => Promise<void>;
}

interface Stopped {
  readonly came: Came;
  readonly addresses: readonly string[];
  /** Requests for the item that was in hand. */
  readonly asked: number;
  /** The manifest as it was while the process stood still. */
  readonly before: string;
}

/** Stops a run in the middle of its second item for longer than any of its limits, and lets it go on. */
const stopMidway = ({ archive, dir }: Scene, { out, long, meanwhile }: Stop): Promise<Stopped> =>
  withRawServers(async (open) => {
    let child: ChildProcess;
    const [settled, midway] = [latch(), latch()];
    let asked = 0;
    const server = await open(async (exchange) => {
      const whole = pictureFor(exchange.path);
      const isFirst = exchange.path === '/c12-b.jpg' && ++asked === 1;
      if (!isFirst) return exchange.say(whole);
      await settled.opened; // the first item has its record, so that the next one to write is this
      await exchange.say(whole.subarray(0, whole.length / 2));
      child.kill('SIGSTOP');
      return midway.open();
    });
    const addresses = ['a', 'b', 'c'].map((name) => `${server.url}/c12-${name}.jpg`);
    const words = ['--allow-private', '-N', '1', '-R', '1', '--no-recovery', '--timeout', String(STALL)];
    const running = archive(addresses, {
      words,
      out,
      started: (process) => {
        child = process;
      },
      told: ({ event }) => event === 'item' && settled.open(),
    });
    await midway.opened;
    while (stateOf(child!.pid!) !== 'T') await setImmediate(); // the signal is on its way
    const began = performance.now();
    await meanwhile(addresses);
    const before = readFileSync(join(dir, out, 'manifest.jsonl'), 'utf8');
    await delay(Math.max(0, long - (performance.now() - began)));
    expect(asked).toBe(1);
    expect(stateOf(child!.pid!)).toBe('T');
    child!.kill('SIGCONT');
    return { came: await running, addresses, asked, before };
  });

async function goesOn(scene: Scene): Promise<string> {
  const { came, addresses, asked } = await stopMidway(scene, {
    out: 'held',
    long: WHILE,
    async meanwhile(addresses) {
      const tree = treeOf(join(scene.dir, 'held'));
      const other = await scene.archive(addresses, { out: 'held' });
      expect(other.code).toBe(6);
      expect(other.stderr).toMatch(/in use by process \d+/);
      expect(treeOf(join(scene.dir, 'held'))).toEqual(tree);
    },
  });
  expect(came.code).toBe(0);
  expect(came.records.map(({ url }) => url).sort()).toEqual([...addresses]);
  expect(addresses.map((url) => endOf(came.of(url)))).toEqual(addresses.map(() => 'kept (live)'));
  return `stopped for ${WHILE} ms in mid-body, ${asked} requests in the end`;
}

/** Somebody on another machine took the process for dead, and the archive over. */
async function finds(scene: Scene): Promise<void> {
  const { came, before } = await stopMidway(scene, {
    out: 'lost',
    long: WHILE,
    async meanwhile() {
      const lock = join(scene.dir, 'lost', '.oxbow', 'lock');
      for (const name of readdirSync(lock)) rmSync(join(lock, name));
      const owner = {
        id: 'x',
        host: 'another-host',
        boot: 'b',
        pid: 1,
        start: '5',
        since: new Date().toISOString(),
      };
      writeFileSync(join(lock, 'x'), JSON.stringify(owner));
    },
  });
  expect(came.code).toBe(6);
  expect(came.stderr).toMatch(/lock .* was taken away/);
  expect(readFileSync(join(came.archive, 'manifest.jsonl'), 'utf8')).toBe(before);
  expect(readdirSync(join(came.archive, '.oxbow', 'lock'))).toEqual(['x']);
}

fault(
  'C12',
  'stopped and continued: what ran out is tried again, and the lock is looked at first',
  (play: Case) =>
    withScene(play)(async (scene) => {
      const [seen] = await Promise.all([goesOn(scene), finds(scene)]);
      play.injected(seen);
      play.outcome('kept (live); exit 6 once the lock is gone');
    }),
);
