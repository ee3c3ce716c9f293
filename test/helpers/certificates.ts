import { readFileSync } from 'node:fs';
import type { TlsOptions } from 'node:tls';
import { fileURLToPath } from 'node:url';

const file = (name: string) => fileURLToPath(new URL(`../../fixtures/tls/${name}.pem`, import.meta.url));

/** The authority that signed those that are signed. */
export const authority = file('ca');

export type CertificateName = 'good' | 'expired' | 'self-signed' | 'wrong-host';

/** A server's certificate and key; `good` is for 127.0.0.1, ::1, localhost and media.example. */
export const certificate = (name: CertificateName): TlsOptions => ({
  cert: readFileSync(file(name)),
  key: readFileSync(file(`${name}-key`)),
});
