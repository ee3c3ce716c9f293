import net from 'node:net';
import { originOf, placeOf } from './guard.ts';

export interface ProxyChoices {
  /** For every request; `none` for no proxy at all. */
  readonly proxy: string | null;
  readonly httpProxy: string | null;
  readonly httpsProxy: string | null;
  /** What is asked without a proxy, as curl reads it. */
  readonly noProxy: string | null;
}

export interface ProxyServer {
  readonly host: string;
  readonly port: number;
  /** Is the way to the proxy itself one over TLS? */
  readonly secure: boolean;
  readonly authorization: string | undefined;
  /** Host and port, for messages: never its credentials. */
  readonly shown: string;
}

/** The proxy is in trouble, or in the way: nothing of it is to be blamed on the origin. */
export class ProxyTrouble extends Error {
  readonly code = 'EPROXY';
}

/** Which proxy an address is asked through, by its scheme and host; a redirect is another choice. */
export function chooseProxy(choices: ProxyChoices): (url: URL) => ProxyServer | undefined {
  const { proxy, httpProxy, httpsProxy, noProxy } = choices;
  if (proxy === 'none') return () => undefined;
  const forHttp = read(proxy ?? httpProxy);
  const forHttps = read(proxy ?? httpsProxy);
  const isExcepted = exceptions(noProxy ?? '');
  return (url) => (isExcepted(url) ? undefined : url.protocol === 'https:' ? forHttps : forHttp);
}

function read(text: string | null): ProxyServer | undefined {
  if (text === null || text === 'none') return undefined;
  const url = new URL(text);
  const { protocol, username, password } = url;
  return {
    ...placeOf(url),
    secure: protocol === 'https:',
    authorization: username || password ? basic(username, password) : undefined,
    shown: originOf(url),
  };
}

/** The user and password of an address as a header. */
export function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${plain(username)}:${plain(password)}`).toString('base64')}`;
}

function plain(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a percent sign that stands for itself
  }
}

type Test = (host: string, port: string) => boolean;

function exceptions(list: string): (url: URL) => boolean {
  const tests = list
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .map(exception);
  return (url) => {
    const { host, port } = placeOf(url);
    return tests.some((test) => test(host.replace(/\.$/, ''), String(port)));
  };
}

/** `*`, a host with all its subdomains, an address, a range of addresses; host and address also with a port. */
function exception(entry: string): Test {
  if (entry === '*') return () => true;
  const range = subnet(entry);
  if (range) return (host) => net.isIP(host) > 0 && range.check(host, net.isIPv6(host) ? 'ipv6' : 'ipv4');
  const [, name, port] = /^(.*?)(?::(\d+))?$/.exec(net.isIPv6(entry) ? `[${entry}]` : entry)!;
  const wanted = canonical(name!.replace(/^\*?\./, '').replace(/\.$/, ''));
  return (host, itsPort) =>
    (host === wanted || (!net.isIP(host) && host.endsWith(`.${wanted}`))) && (!port || port === itsPort);
}

function subnet(entry: string): net.BlockList | undefined {
  const [, address, bits] = /^\[?([\da-f.:]+)\]?\/(\d+)$/i.exec(entry) ?? [];
  if (address === undefined || !net.isIP(address)) return undefined;
  const family = net.isIPv6(address) ? 'ipv6' : 'ipv4';
  if (Number(bits) > (family === 'ipv6' ? 128 : 32)) return undefined;
  const list = new net.BlockList();
  list.addSubnet(address, Number(bits), family);
  return list;
}

/** As the address of a request writes it. */
function canonical(host: string): string {
  const address = `http://${host}/`;
  return URL.canParse(address) ? placeOf(new URL(address)).host : host.toLowerCase();
}
