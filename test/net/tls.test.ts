import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type tls from 'node:tls';
import { describe, expect, test } from 'vitest';
import { systemCode } from '../../src/errors.ts';
import type { HttpOptions } from '../../src/net/http.ts';
import { answers, echoes } from '../helpers/answers.ts';
import { authority, type CertificateName, certificate } from '../helpers/certificates.ts';
import { withRawServer } from '../helpers/raw-server.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';
import { getText, troubleOf, withHttp } from './with-http.ts';

interface Case extends Partial<HttpOptions> {
  readonly shown?: CertificateName;
  readonly server?: tls.TlsOptions;
  /** The name to ask for, which leads to the server. */
  readonly host?: string;
}

/** The text that comes, or the code of what went wrong; and what the server heard beyond the handshake. */
const askOver = ({ shown = 'good', server, host = 'media.example', ...options }: Case) =>
  withRawServer(
    answers(200, {}, 'secure'),
    async ({ port, heard }) => {
      const resolve = [`media.example:${port}:127.0.0.1`];
      return withHttp({ ...options, resolve }, async (http) => {
        const got = await getText(http, `https://${host}:${port}/`).catch((error) => systemCode(error));
        return [got, heard.length];
      });
    },
    { tls: { ...certificate(shown), ...server } },
  );

describe('a certificate', () => {
  test('of an authority that --cacert names is good, for a name and for an address', async () => {
    expect(await askOver({ cacert: authority })).toEqual(['secure', 1]);
    expect(await askOver({ cacert: authority, host: '127.0.0.1' })).toEqual(['secure', 1]);
    expect(await askOver({ cacert: authority, host: 'media.example.' })).not.toEqual(['secure', 1]); // not pinned
  });

  test.each<[string, CertificateName, string | null, string]>([
    ['of an unknown issuer', 'good', null, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['that has expired', 'expired', authority, 'CERT_HAS_EXPIRED'],
    ['that signed itself', 'self-signed', authority, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ])('C04 %s is refused, and nothing is sent', async (_what, shown, cacert, code) => {
    expect(await askOver({ shown, cacert })).toEqual([code, 0]);
  });

  test('C04 of another host is refused, and nothing is sent', async () => {
    await withRawServer(
      () => undefined,
      ({ url, heard }) =>
        withHttp({ cacert: authority }, async (http) => {
          expect((await troubleOf(http.ask(url))).code).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
          expect(heard).toHaveLength(0);
        }),
      { tls: certificate('wrong-host') },
    );
  });

  test.each(['good', 'expired', 'self-signed', 'wrong-host'] as const)(
    '%s is taken with --insecure',
    async (shown) => {
      expect(await askOver({ shown, insecure: true })).toEqual(['secure', 1]);
    },
  );

  test('C05 a server of old TLS alone is refused', async () => {
    const old: tls.TlsOptions = { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' };
    await withRawServer(
      () => undefined,
      ({ url, heard }) =>
        withHttp({ cacert: authority }, async (http) => {
          expect((await troubleOf(http.ask(url))).code).toMatch(/^EPROTO$|^ERR_SSL/);
          expect(heard).toHaveLength(0);
        }),
      { tls: { ...certificate('good'), ...old } },
    );
  });

  test('the name is told in the handshake, and a kept connection is used again', async () => {
    const names: string[] = [];
    const server: tls.TlsOptions = {
      SNICallback: (name, done) => {
        names.push(name);
        done(null);
      },
    };
    await withRawServer(
      answers(200, {}, 'secure'),
      ({ port, connections }) =>
        withHttp({ cacert: authority, resolve: [`media.example:${port}:127.0.0.1`] }, async (http) => {
          for (let i = 0; i < 3; i++) await getText(http, `https://media.example:${port}/`);
          expect([names, connections.length]).toEqual([['media.example'], 1]);
        }),
      { tls: { ...certificate('good'), ...server } },
    );
  });
});

test('C10 over TLS as well, a kept connection that closes costs a second try that nobody sees', async () => {
  await withRawServer(
    (exchange) => (exchange.nthOnConnection === 1 ? exchange.end() : echoes(exchange)),
    ({ url, heard }) =>
      withHttp({ cacert: authority }, async (http) => {
        expect(await getText(http, `${url}/1`)).toBe('/1');
        expect(await getText(http, `${url}/2`)).toBe('/2');
        expect(heard).toHaveLength(3);
      }),
    { tls: certificate('good') },
  );
});

describe('--cacert', () => {
  test.each([
    ['not there', undefined, /--cacert/],
    ['empty', '', /holds no certificate/],
    ['broken', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n', /cannot be read/],
  ])('with a file that is %s is a mistake of the user', async (_what, text, message) => {
    await withTempFolder(async (dir) => {
      const cacert = join(dir, 'ca.pem');
      if (text !== undefined) await writeFile(cacert, text);
      const open = withHttp({ cacert }, async () => undefined);
      await expect(open).rejects.toMatchObject({
        code: 'ERR_USAGE',
        message: expect.stringMatching(message),
      });
    });
  });
});
