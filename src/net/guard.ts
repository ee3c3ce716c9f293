import net from 'node:net';
import { servicePorts } from './ports.ts';
import { isPrivate } from './ranges.ts';

/** An address that a rule of ours keeps us from, found at the moment of connecting at the latest. */
export class RefusedAddress extends Error {
  readonly code = 'EREFUSEDADDRESS';
}

/** A port at which something else than a web server listens. */
export class RefusedPort extends Error {
  readonly code = 'EREFUSEDPORT';
}

/** An address that is none of the web. */
export class RefusedScheme extends Error {
  readonly code = 'EREFUSEDSCHEME';
}

/** `host:port` as a connection names it, for the set of those that are let through whatever their address. */
export function originOf(url: string | URL): string {
  const { host, port } = placeOf(new URL(url));
  return `${host}:${port}`;
}

/** Where a connection for an address leads. */
export function placeOf({ hostname, port, protocol }: URL): Place {
  return { host: bareHost(hostname), port: Number(port || (protocol === 'https:' ? 443 : 80)) };
}

export interface Place {
  readonly host: string;
  readonly port: number;
}

/** A host as a connection takes it: an address of the new family without its brackets. */
const bareHost = (host: string): string => host.replace(/^\[|\]$/g, '').toLowerCase();

export interface Guard {
  /** Throws for what can be seen in the name and the port alone; behind a proxy nothing else can be seen. */
  check(host: string, port: number): void;
  /** Throws unless every address that a name resolved to may be reached: a mixed answer is a trap. */
  checkFound(host: string, port: number, addresses: readonly string[]): void;
}

/** Keeps addresses found in content out of private networks; those that the user named are let through. */
export function openGuard(allowed: ReadonlySet<string> | 'all'): Guard {
  const isFree = (host: string, port: number) => allowed === 'all' || allowed.has(`${host}:${port}`);
  return {
    check(host, port) {
      if (isFree(host, port)) return;
      if (isLocalName(host) || (net.isIP(host) && isPrivate(host))) throw refuse(host);
      if ((port < 1024 && port !== 80 && port !== 443) || servicePorts.has(port))
        throw new RefusedPort(`port ${port} of ${host} is not one of the web`);
    },
    checkFound(host, port, addresses) {
      const hit = isFree(host, port) ? undefined : addresses.find(isPrivate);
      if (hit !== undefined) throw refuse(hit === host ? host : `${host} (${hit})`);
    },
  };
}

const refuse = (what: string) => new RefusedAddress(`${what} is a private address`);
const isLocalName = (host: string) => /(^|\.)localhost\.?$/.test(host);
