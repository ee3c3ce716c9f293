import { afterAll, beforeAll } from 'vitest';
import { type DnsServer, startDns, type Script as Zone } from '../../../helpers/dns-server.ts';
import { world } from '../../../helpers/namespace.ts';
import { type RawServer, startRawServer } from '../../../helpers/raw-server.ts';
import type { Script, Talk } from '../../../helpers/raw-talk.ts';
import { pictures } from '../pictures.ts';

export interface Web {
  /** The resolver's log. */
  readonly dns: DnsServer;
  /** Every connection, whatever the address and port. */
  readonly talks: readonly Talk[];
}

/** How an address is written where a port may follow. */
export const inUrl = (address: string) => (address.includes(':') ? `[${address}]` : address);

/**
 * The web as it is in the network of the test's own: a resolver, and a server that listens at every address there is,
 * public or private, and keeps a log by address. What no script is given for is a picture.
 */
export function web(
  zones: Readonly<Record<string, Zone>>,
  scripts: Readonly<Record<string, Script>> = {},
  ports: readonly number[] = [80],
): Web {
  const servers: RawServer[] = [];
  let dns: DnsServer;
  beforeAll(async () => {
    dns = await startDns(zones, { address: world.resolver });
    for (const port of ports)
      servers.push(await startRawServer({ '*': pictures, ...scripts }, { host: '::', port }));
  });
  afterAll(async () => {
    for (const server of servers) await server.close();
    await dns.close();
  });
  return {
    get dns() {
      return dns;
    },
    get talks() {
      return servers.flatMap(({ talks }) => talks);
    },
  };
}
