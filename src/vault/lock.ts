import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import {
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  rmdir,
  stat,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { StorageError, sentence, systemCode } from '../errors.ts';

/** Who holds an archive: enough to tell a living owner from a dead one, and to name him. */
interface Owner {
  readonly id: string;
  readonly host: string;
  /** Changes with every start of the machine; null where the system does not tell. */
  readonly boot: string | null;
  readonly pid: number;
  /** When the process began, by the system's own count: a number may belong to another process by now. */
  readonly start: string | null;
  readonly since: string;
}

export interface Lock {
  /** Throws if it is no longer ours: a process that stood still may have been taken for dead meanwhile. */
  check(): void;
  release(): Promise<void>;
}

const HEARTBEAT = 5_000;
const DEAD_AFTER = 60_000;
/** Far more than a lock can change hands while we look; what is still in the way then is no lock of ours. */
const TURNS = 100;

/**
 * One run at a time. The lock of a dead owner is taken over without a flag; a living one is named. An owner that
 * finds its lock gone is told at once, for somebody else may be writing.
 *
 * The lock is a folder with one file, which bears its owner's id: a folder is moved only to where none lies, or
 * an empty one, and whoever removes a dead owner's file by its name can never hit the next owner's.
 */
export async function takeLock(
  path: string,
  lost: (error: StorageError) => void,
  heartbeat = HEARTBEAT,
): Promise<Lock> {
  const owner = self();
  const draft = `${path}.${owner.id}`;
  try {
    await mkdir(draft, { recursive: true });
    await writeFile(join(draft, owner.id), JSON.stringify(owner));
    for (let turn = 1; !(await claim(draft, path)); turn++) {
      if (turn > TURNS)
        throw new StorageError(`${path} is in the way and no lock; remove it if no run is under way.`);
      await evict(path, join(draft, owner.id));
    }
  } catch (error) {
    if (error instanceof StorageError) throw error;
    throw new StorageError(`Cannot lock ${dirname(path)}: ${sentence(error)}.`, { cause: error });
  } finally {
    await rm(draft, { recursive: true, force: true }).catch(() => undefined); // the first error is the one to tell
  }
  return holding(join(path, owner.id), lost, heartbeat);
}

const onWindows = process.platform === 'win32';
const taken: ReadonlySet<string | undefined> = new Set([
  'ENOTEMPTY',
  'EEXIST',
  'ENOTDIR',
  ...(onWindows ? ['EPERM', 'EACCES'] : []),
]);

async function claim(draft: string, path: string): Promise<boolean> {
  try {
    await rename(draft, path);
    return true;
  } catch (error) {
    if (taken.has(systemCode(error))) return false;
    throw error;
  }
}

/** Takes a dead owner's lock out of the way; throws if the owner lives. */
async function evict(path: string, draft: string): Promise<void> {
  try {
    for (const file of await filesOf(path)) {
      const owner = parseOwner(await readFile(file, 'utf8').catch(() => '')); // a dangling link is junk, too
      if (await lives(owner, file, draft)) {
        const who = owner
          ? `process ${owner.pid} on ${owner.host} since ${owner.since}`
          : `an unknown owner; if none is at work, remove ${path}`;
        throw new StorageError(`The archive ${dirname(dirname(path))} is in use by ${who}.`);
      }
      await unlink(file);
    }
    await rmdir(path); // not every system moves a folder onto an empty one
  } catch (error) {
    const changedMeanwhile = ['ENOENT', 'ENOTDIR', 'ENOTEMPTY', 'EEXIST', 'EISDIR', 'EPERM'].includes(
      systemCode(error) ?? '',
    );
    if (error instanceof StorageError || !changedMeanwhile) throw error;
  }
}

/** A lock that is no folder was made by other hands, or by an older Oxbow. */
async function filesOf(path: string): Promise<string[]> {
  if (!(await lstat(path)).isDirectory()) return [path];
  return (await readdir(path)).map((name) => join(path, name));
}

async function lives(owner: Owner | undefined, file: string, draft: string): Promise<boolean> {
  const me = self();
  if (owner && owner.host === me.host && (owner.boot ?? me.boot) === me.boot) {
    return isRunning(owner.pid) && (owner.start === null || startOf(owner.pid) === owner.start);
  }
  if (owner && owner.host === me.host) return false; // the machine was started anew since
  // Both times come from the clock of the file system, so a wrong clock here or there does not matter.
  const [beat, now] = await Promise.all([lstat(file), stat(draft)]);
  return now.mtimeMs - beat.mtimeMs < DEAD_AFTER;
}

function holding(file: string, lost: (error: StorageError) => void, heartbeat: number): Lock {
  let isHeld = true;
  const tell = (error: unknown) => {
    clearInterval(heart);
    if (isHeld) lost(error instanceof StorageError ? error : lossOf(file, error));
  };
  const heart = setInterval(() => {
    beat(file).catch(tell);
  }, heartbeat);
  heart.unref();
  return {
    check() {
      if (!isHeld || existsSync(file)) return;
      const error = lossOf(file, Object.assign(new Error('no such file'), { code: 'ENOENT' }));
      tell(error);
      throw error;
    },
    async release() {
      isHeld = false;
      clearInterval(heart);
      await rm(file, { force: true });
      await rmdir(dirname(file)).catch(() => undefined); // somebody else's by now
    },
  };
}

/** Written, not touched: then the file system's own clock sets the time, whatever ours says. */
async function beat(file: string): Promise<void> {
  const lock = await open(file, 'r+');
  try {
    await lock.write('{', 0); // as it stands there already
  } finally {
    await lock.close();
  }
}

function lossOf(file: string, cause: unknown): StorageError {
  if (!['ENOENT', 'ENOTDIR'].includes(systemCode(cause) ?? '')) {
    return new StorageError(`Cannot renew the lock: ${sentence(cause)}.`, { cause });
  }
  const archive = dirname(dirname(dirname(file)));
  return new StorageError(
    `The lock of ${archive} was taken away; the run ends so as not to disturb its new owner.`,
    { cause },
  );
}

function self(): Owner {
  return {
    id: randomUUID(),
    host: hostname(),
    boot: bootId(),
    pid: process.pid,
    start: startOf(process.pid),
    since: new Date().toISOString(),
  };
}

function parseOwner(text: string): Owner | undefined {
  try {
    const owner = JSON.parse(text) as Owner;
    return typeof owner.host === 'string' && Number.isSafeInteger(owner.pid) && owner.pid > 0
      ? owner
      : undefined;
  } catch {
    return undefined; // empty or junk: judged by its age alone
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}

const readOr = (path: string) => {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return null; // not a Linux, or the process is gone
  }
};

const bootId = () => readOr('/proc/sys/kernel/random/boot_id');

/** Field 22 of the kernel's line about a process; the second one is a name that may hold anything but `)`. */
function startOf(pid: number): string | null {
  const [state, ...fields] = readOr(`/proc/${pid}/stat`)?.split(') ').at(-1)?.split(' ') ?? [];
  return state === 'Z' ? null : (fields[18] ?? null); // a dead one that nobody has buried yet has no start
}
