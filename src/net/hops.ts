import { type CredentialOptions, openCredentials } from './credentials.ts';
import { type Exchanging, type Head, openExchange } from './exchange.ts';
import { placeOf } from './guard.ts';
import { harmless, type Journey } from './journey.ts';
import { type LineChoices, openLine } from './line.ts';
import { chooseProxy, type ProxyChoices } from './proxy.ts';
import { trouble } from './tunnel.ts';

export interface HopOptions extends Partial<CredentialOptions & ProxyChoices & LineChoices> {
  readonly userAgent: string;
  readonly connectTimeout: number;
  readonly headerTimeout: number;
  readonly allowPrivate: boolean;
}

/** What the user gave: origins (scheme, host, port) that are theirs, and places that may be reached wherever they lie. */
interface Given {
  readonly owners: ReadonlySet<string>;
  readonly allowed: Set<string>;
}

interface Wish {
  readonly method?: 'HEAD';
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** One hop at a time: everything that depends on where it leads is decided anew. */
export function openHops(options: HopOptions, { owners, allowed }: Given) {
  const { guard, routes } = openLine(options, allowed);
  const { header = [], netrc = null, cookies = null } = options;
  const credentials = openCredentials({ header, netrc, cookies }, owners);
  const { proxy = null, httpProxy = null, httpsProxy = null, noProxy = null } = options;
  const proxyFor = chooseProxy({ proxy, httpProxy, httpsProxy, noProxy });
  let exchanging: Promise<Exchanging> | undefined; // a run with nothing to fetch does without
  let requests = 0;
  return {
    async take(
      { url, wasSecure, login, strayed }: Journey,
      { method, headers = {}, signal }: Wish,
    ): Promise<Head> {
      const place = placeOf(url);
      guard.check(place.host, place.port);
      const route = routes.routeTo(url, place, proxyFor(url));
      const downgraded = wasSecure && url.protocol !== 'https:';
      const own = await credentials.headersFor(url, { downgraded });
      const userinfo = login?.origin === url.origin ? login.headers : {};
      const given = strayed ? harmless(headers) : headers;
      exchanging ??= openExchange(options);
      const exchange = await exchanging;
      requests++;
      const asked = exchange({ url, route, method, signal, headers: { ...given, ...own, ...userinfo } });
      const head = await asked.catch((error) => {
        if (/^EREFUSED/.test(error.code)) requests--; // it never left
        throw error;
      });
      credentials.learn(url, head.response.headers['set-cookie']);
      if (!route.proxy || head.response.statusCode !== 407) return head;
      head.body.destroy();
      throw trouble(route.proxy, 'it wants other credentials (status 407)');
    },
    get requests() {
      return requests;
    },
    close: routes.close,
  };
}
