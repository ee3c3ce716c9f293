import { X509Certificate } from 'node:crypto';
import tls from 'node:tls';
import { UsageError } from '../errors.ts';
import { readPin } from '../readers.ts';
import { openRoutes, type Routes } from './agents.ts';
import { openDial } from './dial.ts';
import { readGiven } from './given-file.ts';
import { type Guard, openGuard } from './guard.ts';
import { openNames } from './names.ts';

/** What the user chose of how places are reached. */
export interface LineChoices {
  /** `HOST:PORT:ADDRESS` lines. */
  readonly resolve: readonly string[];
  /** A file of certificates that are trusted beside the built-in ones. */
  readonly cacert: string | null;
  readonly insecure: boolean;
  readonly ipv4: boolean;
  readonly ipv6: boolean;
}

interface LineOptions extends Partial<LineChoices> {
  readonly connectTimeout: number;
  readonly headerTimeout: number;
  readonly allowPrivate: boolean;
}

/** The ways out of this machine, and the guard that stands before them; `allowed` may still grow. */
export function openLine(options: LineOptions, allowed: Set<string>): { guard: Guard; routes: Routes } {
  const { resolve = [], cacert = null, insecure = false, ipv4 = false, ipv6 = false } = options;
  if (ipv4 && ipv6)
    throw new UsageError('IPv4 only and IPv6 only leave nothing: give one of --ipv4 and --ipv6.');
  const pinned = new Map(resolve.map(readPin).map(({ place, addresses }) => [place, addresses]));
  for (const place of pinned.keys()) allowed.add(place);
  const guard = openGuard(options.allowPrivate ? 'all' : allowed);
  const dial = openDial({
    connectTimeout: options.connectTimeout,
    family: ipv4 ? 4 : ipv6 ? 6 : 0,
    pinned,
    guard,
    names: openNames(),
    context: cacert === null ? undefined : readGiven(cacert, 'cacert', contextOf),
    insecure,
  });
  return { guard, routes: openRoutes(dial, options.headerTimeout) };
}

const certificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Made once: reading all the authorities for each connection would take longer than connecting. */
function contextOf(text: string, file: string): tls.SecureContext {
  const given = text.match(certificate) ?? [];
  if (given.length === 0) throw new UsageError(`${file} holds no certificate in PEM form.`);
  try {
    for (const one of given) new X509Certificate(one);
  } catch (cause) {
    throw new UsageError(`${file} holds a certificate that cannot be read.`, { cause });
  }
  return tls.createSecureContext({ ca: [...tls.rootCertificates, ...given] });
}
