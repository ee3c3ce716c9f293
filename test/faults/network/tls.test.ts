import { once } from 'node:events';
import { connect } from 'node:tls';
import { expect } from 'vitest';
import { answer } from '../../helpers/answers.ts';
import { authority, certificate } from '../../helpers/certificates.ts';
import { photo } from '../../helpers/media.ts';
import { type RawServer, withRawServers } from '../../helpers/raw-server.ts';
import type { Script } from '../../helpers/raw-talk.ts';
import { fault } from '../fault.ts';
import { endOf, withScene } from './scene.ts';

const picture: Script = (exchange) =>
  exchange.say(answer(200, { 'Content-Type': 'image/jpeg' }, photo(exchange.socket.localPort)));
const urlOf = ({ url }: RawServer) => `${url}/a.jpg`;

/** What a message about each of them has to name. */
const reasons = {
  expired: /expired/i,
  'self-signed': /self.signed/i,
  'wrong-host': /altname|alternative|does not match|host|for another/i,
} as const;
const names = Object.keys(reasons) as (keyof typeof reasons)[];

fault('C04', 'a bad certificate: one try, no plain http, fallback; the user may insist', (play) =>
  withRawServers(async (open) => {
    const bad = await Promise.all(names.map((name) => open(picture, { tls: certificate(name) })));
    const good = await open(picture, { tls: certificate('good') });
    await withScene(play)(async ({ archive, asked }) => {
      const [trusting, unknowing] = await Promise.all([
        archive([...bad, good].map(urlOf), { words: ['--allow-private', '--cacert', authority] }),
        archive([urlOf(good)], { words: ['--allow-private'], out: 'unknowing' }),
      ]);
      for (const [i, name] of names.entries()) {
        const { status, reason } = trusting.of(urlOf(bad[i]!));
        expect(`${name} ${status}: ${reason?.code}`).toBe(`${name} failed: tls`);
        expect(reason?.detail).toMatch(reasons[name]);
        expect(asked(urlOf(bad[i]!))).toBeGreaterThan(0);
        expect(bad[i]!.connections, name).toHaveLength(1);
      }
      expect(endOf(trusting.of(urlOf(good)))).toBe('kept (live)');
      expect(endOf(unknowing.of(urlOf(good)))).toBe('failed: tls');
      expect(unknowing.of(urlOf(good)).reason?.detail).toMatch(/issuer|authority|verify|certificate/i);
      expect(good.connections).toHaveLength(2);
      const heard = bad.flatMap(({ talks }) => talks.map(({ text }) => text));
      expect(heard.join('')).toBe('');
      expect([...bad, good].flatMap(({ failedHandshakes }) => failedHandshakes).join()).not.toContain(
        'HTTP_REQUEST',
      );
      play.injected('4 bad certificates shown once each, 0 bytes after the handshake');
      play.outcome(endOf(trusting.of(urlOf(bad[0]!))));
      const insisting = await archive(bad.map(urlOf), {
        words: ['--allow-private', '--insecure'],
        out: 'insisting',
      });
      for (const server of bad) expect(endOf(insisting.of(urlOf(server)))).toBe('kept (live)');
    });
  }),
);

const ancient = { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT:@SECLEVEL=0' } as const;

fault('C05', 'a server that speaks TLS 1.0 only is not spoken to', (play) =>
  withRawServers(async (open) => {
    const server = await open(picture, { tls: { ...certificate('good'), ...ancient } });
    await withScene(play)(async ({ archive }) => {
      const words = ['--allow-private', '--cacert', authority, '-R', '1'];
      const came = await archive([urlOf(server)], { words });
      expect(server.failedHandshakes.join()).toMatch(/PROTOCOL|VERSION/);
      expect(server.talks).toEqual([]);
      play.injected(`handshake ended by ${server.failedHandshakes[0]}`);
      expect(endOf(came.of(urlOf(server)))).toBe('failed: tls');
      play.outcome('failed: tls');
    });
    const old = connect({ port: server.port, rejectUnauthorized: false, ...ancient });
    await once(old, 'secureConnect'); // who speaks it too is let in
    old.destroy();
  }),
);
