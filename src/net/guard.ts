import dns from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';

/** An address that a rule of ours keeps us from, found at the moment of connecting. */
export class RefusedAddress extends Error {
  readonly code = 'EREFUSEDADDRESS';
}

const privateNets = new net.BlockList();
const ranges4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '224.0.0.0/3',
];
const ranges6 = ['::/128', '::1/128', '64:ff9b::/96', 'fc00::/7', 'fe80::/10', 'ff00::/8'];
for (const [family, ranges] of [
  ['ipv4', ranges4],
  ['ipv6', ranges6],
] as const) {
  for (const range of ranges) {
    const [address, bits] = range.split('/');
    privateNets.addSubnet(address!, Number(bits), family);
  }
}

const isPrivate = (ip: string): boolean => privateNets.check(ip, net.isIPv6(ip) ? 'ipv6' : 'ipv4');
const refuse = (what: string) => new RefusedAddress(`${what} is a private address`);

const vettedLookup: net.LookupFunction = (host, options, done) => {
  dns.lookup(host, { ...options, all: true }, (error, found) => {
    const hit = found?.find(({ address }) => isPrivate(address));
    if (error) done(error, '', 0);
    else if (hit) done(refuse(`${host} (${hit.address})`), '', 0);
    else if (options.all) done(null, found);
    else done(null, found[0]!.address, found[0]!.family);
  });
};

/** `host:port` as a connection names it, for the set of those that are let through whatever their address. */
export function originOf(url: string | URL): string {
  const { hostname, port, protocol } = new URL(url);
  return `${hostname.replace(/^\[|\]$/g, '').toLowerCase()}:${port || (protocol === 'https:' ? 443 : 80)}`;
}

type Connect = http.Agent['createConnection'];
interface Target {
  host?: string | null;
  port?: number | string | null;
}

/**
 * Agents that look at the address at the moment of connecting. A lookup alone would not do: it is never asked
 * for addresses written as numbers.
 */
export function guardedAgents(allowed: ReadonlySet<string> | 'all'): {
  http: http.Agent;
  https: https.Agent;
} {
  const settings = { keepAlive: true, maxFreeSockets: 64 };
  const guard =
    (connect: Connect): Connect =>
    (options, done) => {
      const { host, port } = options as Target;
      const name = (host ?? '').replace(/^\[|\]$/g, '').toLowerCase();
      if (allowed === 'all' || allowed.has(`${name}:${port}`)) return connect(options, done);
      if (net.isIP(name) && isPrivate(name)) throw refuse(name);
      return connect({ ...options, lookup: vettedLookup } as typeof options, done);
    };
  const agents = { http: new http.Agent(settings), https: new https.Agent(settings) };
  for (const agent of Object.values(agents))
    agent.createConnection = guard(agent.createConnection.bind(agent));
  return agents;
}
