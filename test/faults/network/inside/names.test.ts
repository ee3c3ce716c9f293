import { expect } from 'vitest';
import { world } from '../../../helpers/namespace.ts';
import { fault } from '../../fault.ts';
import { endOf, withScene } from '../scene.ts';
import { web } from './public.ts';

const net = web({
  'alive.example': { a: [world.media] },
  'sick.example': 'out of order',
  'mute.example': 'silence',
});

const lookups = (name: string) => net.dns.asked.filter((one) => one.name === name && one.type === 'A').length;

fault('C06', 'a name does not exist while another resolves: two tries, fallback, missing', (play) =>
  withScene(play)(async ({ archive, asked }) => {
    const [alive, nowhere] = ['http://alive.example/c06.jpg', 'http://nowhere.example/a.jpg'];
    const came = await archive([alive, nowhere], { words: ['-N', '1'] });
    play.injected(`${lookups('nowhere.example')} look-ups answered NXDOMAIN`);
    expect(lookups('alive.example')).toBeGreaterThan(0);
    expect(endOf(came.of(alive))).toBe('kept (live)');
    expect(lookups('nowhere.example')).toBe(2);
    expect(came.retries(nowhere)).toBe(1);
    expect(asked(nowhere)).toBeGreaterThan(0);
    expect(endOf(came.of(nowhere))).toBe('missing: no-such-host');
    const lonely = await archive([nowhere], { words: ['-R', '1'], out: 'lonely' });
    expect(endOf(lonely.of(nowhere))).toBe('failed: dns'); // no other name resolves: that may be the network
    play.outcome(`${endOf(came.of(nowhere))}; alone ${endOf(lonely.of(nowhere))}`);
  }),
);

fault('C07', 'the resolver is sick or mute: tried again and failed, never missing', (play) =>
  withScene(play)(async ({ archive }) => {
    const alive = 'http://alive.example/c07.jpg';
    const [sick, mute] = ['http://sick.example/a.jpg', 'http://mute.example/a.jpg'];
    const words = ['-R', '1', '-N', '1'];
    const [patient, hasty] = await Promise.all([
      archive([alive, sick, mute], { words }),
      archive([alive, mute], { words: [...words, '--connect-timeout', '0.5'], out: 'hasty' }),
    ]);
    expect(lookups('sick.example')).toBeGreaterThanOrEqual(2);
    expect(lookups('mute.example')).toBeGreaterThanOrEqual(4);
    play.injected(`${lookups('sick.example')} SERVFAIL, ${lookups('mute.example')} look-ups unanswered`);
    for (const [came, url] of [
      [patient, sick],
      [patient, mute],
      [hasty, mute],
    ] as const) {
      expect(endOf(came.of(url)), url).toBe('failed: dns');
      expect(came.retries(url), url).toBe(1);
      expect(came.records.map(({ status }) => status)).not.toContain('missing');
    }
    play.outcome(endOf(patient.of(sick)));
  }),
);
