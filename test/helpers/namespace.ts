import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesOf6 } from './dns-server.ts';

/** What lies in the network of a test's own. All of it is made of ranges that are set aside for documentation. */
export const world = {
  resolver: '203.0.113.53',
  media: '203.0.113.1',
  media6: '2001:db8::1',
  other: '198.51.100.7',
  /** Packets to these leave and are never heard of again. */
  dark: '192.0.2.9',
  dark6: '2001:db8:dead::9',
  /** The same, for another case. */
  darker: '192.0.2.8',
  darker6: '2001:db8:dead::8',
} as const;

/** Private ones that a case may reach because it says so. */
export const samples = ['10.99.99.99', 'fd99::99'] as const;

/** Addresses in the network that content must never reach, in each of the ranges of a kind. */
export const inside = {
  '0.0.0.0/8': '0.1.2.3',
  '10.0.0.0/8': '10.1.2.3',
  '100.64.0.0/10': '100.64.0.1',
  '127.0.0.0/8': '127.1.2.3',
  '169.254.0.0/16': '169.254.169.254',
  '172.16.0.0/12': '172.31.255.1',
  '192.0.0.0/24': '192.0.0.8',
  '192.168.0.0/16': '192.168.1.1',
  '198.18.0.0/15': '198.19.255.1',
  '224.0.0.0/4': '224.0.0.251',
  '240.0.0.0/4': '240.0.0.1',
  'fc00::/8': 'fc00::1',
  'fd00::/8': 'fd12:3456::1',
  'fe80::/10': 'fe80::1',
  'fec0::/10': 'fec0::1',
  '100::/64': '100::1',
  '::/96': '::10.1.2.3',
  '64:ff9b::/96': '64:ff9b::a01:203',
  '64:ff9b:1::/48': '64:ff9b:1::1',
  '2001::/32': '2001:0:a01:203::1',
  '2002::/16': '2002:a01:203::1',
} as const;

const is6 = (address: string) => address.includes(':');
const SYN_SENT = '02';
const DARK_STATION = '02:00:00:00:00:09';

/** The link to the dark is a real one with nobody at its other end: what is sent there, and only that, counts. */
const links = [
  'ip link set lo up',
  'ip link add dark0 type veth peer name dark1',
  'ip link set dark0 up',
  'ip link set dark1 up',
  'ip addr add 192.0.2.1/24 dev dark0',
  'ip -6 addr add 2001:db8:dead::1/64 dev dark0 nodad',
  ...[world.dark, world.darker, world.dark6, world.darker6].map(
    (address) => `ip neigh add ${address} lladdr ${DARK_STATION} dev dark0 nud permanent`,
  ),
];

const ours = [world.resolver, world.media, world.media6, world.other, ...samples, ...Object.values(inside)]
  .filter((address) => !address.startsWith('127.'))
  .map((address) =>
    is6(address) ? `ip -6 addr add ${address}/128 dev lo nodad` : `ip addr add ${address}/32 dev lo`,
  );

const names = {
  'resolv.conf': `nameserver ${world.resolver}\noptions timeout:1 attempts:1 ndots:0\n`,
  'nsswitch.conf': 'hosts: files dns\n',
  hosts: '127.0.0.1 localhost\n::1 localhost\n',
};

/** The ways to a namespace: as root, and as anybody where the system lets anybody. */
const ways = [
  ['-n', '-m'],
  ['-r', '-n', '-m'],
] as const;

/** How a namespace is opened here; undefined where the system does not permit it. */
export function wayIn(): readonly string[] | undefined {
  if (process.platform !== 'linux') return undefined;
  return ways.find((way) => spawnSync('unshare', [...way, 'sh', '-c', links.join(' && ')]).status === 0);
}

/** Runs a command in a network of its own, with its own names; what it writes to stderr goes to ours. */
export async function inNamespace(
  way: readonly string[],
  dir: string,
  command: readonly string[],
): Promise<number | null> {
  const binds = Object.entries(names).map(([name, text]) => {
    writeFileSync(join(dir, name), text);
    return `{ test ! -e /etc/${name} || mount --bind '${join(dir, name)}' /etc/${name}; }`;
  });
  const script = [...links, ...ours, ...binds, 'exec "$@"'].join(' && ');
  const child = spawn('unshare', [...way, 'sh', '-c', script, 'sh', ...command], {
    env: withoutRunner(),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

/** A run of tests within a run of tests must not take itself for a part of it. */
const withoutRunner = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(VITEST|TEST$)/.test(name)));

/** As the system writes an address in its tables: words of four bytes, each the wrong way round. */
function inTables(address: string): string {
  const bytes = is6(address) ? bytesOf6(address) : Buffer.from(address.split('.').map(Number));
  return (bytes.swap32() as Buffer).toString('hex').toUpperCase();
}

/** Collects the sockets that have asked for a connection to this address and got no word, until it is stopped. */
export function watchUnanswered(address: string): { stop(): number } {
  const wanted = inTables(address);
  const seen = new Set<string>();
  const look = () => {
    const table = readFileSync(is6(address) ? '/proc/net/tcp6' : '/proc/net/tcp', 'utf8');
    for (const line of table.split('\n')) {
      const [, local, remote, state] = line.trim().split(/\s+/);
      if (state === SYN_SENT && remote?.startsWith(`${wanted}:`)) seen.add(local!);
    }
  };
  const timer = setInterval(look, 50);
  return {
    stop() {
      clearInterval(timer);
      return seen.size;
    },
  };
}

/** A second network behind a cable: who is in it reaches us only while it is plugged in. */
export interface Home {
  /** Words to put before a command that is to run at home. */
  readonly inIt: readonly string[];
  unplug(): void;
  /** As the near end of the cable sees it. */
  isDark(): boolean;
  plug(): void;
  close(): void;
}

export async function openHome(): Promise<Home> {
  const holder = spawn('unshare', ['-n', 'sh', '-c', 'echo there; read word'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  const inIt = ['nsenter', '-t', String(holder.pid), '-n'];
  const ip = (...words: string[]) => execFileSync('ip', words);
  const ipAtHome = (...words: string[]) => execFileSync(inIt[0]!, [...inIt.slice(1), 'ip', ...words]);
  ip('link', 'add', 'cable0', 'type', 'veth', 'peer', 'name', 'cable1', 'netns', String(holder.pid));
  ip('link', 'set', 'cable0', 'up');
  ip('route', 'add', '203.0.113.200/32', 'dev', 'cable0');
  ipAtHome('link', 'set', 'lo', 'up');
  ipAtHome('addr', 'add', '203.0.113.200/24', 'dev', 'cable1');
  ipAtHome('link', 'set', 'cable1', 'up');
  return {
    inIt,
    unplug: () => void ipAtHome('link', 'set', 'cable1', 'down'),
    isDark: () => ip('-o', 'link', 'show', 'cable0').toString().includes('NO-CARRIER'),
    plug: () => void ipAtHome('link', 'set', 'cable1', 'up'),
    close: () => holder.stdin.end(),
  };
}
