import { expect } from 'vitest';
import { watchUnanswered, world } from '../../../helpers/namespace.ts';
import { fault } from '../../fault.ts';
import { endOf, withScene } from '../scene.ts';
import { web } from './public.ts';

const net = web({
  'halfdead.example': { a: [world.media], aaaa: [world.darker6] },
  'halfdead4.example': { a: [world.darker, world.media] },
});

fault('C02', 'packets vanish: the limit for connecting holds, and others are not held up', (play) =>
  withScene(play)(async ({ archive, asked }) => {
    const [dark, dark6] = [`http://${world.dark}/a.jpg`, `http://[${world.dark6}]/a.jpg`];
    const alive = `http://${world.media}/c02.jpg`;
    const unanswered = [watchUnanswered(world.dark), watchUnanswered(world.dark6)];
    const began = performance.now();
    const at = new Map<string, number>();
    const came = await archive([dark, dark6, alive], {
      words: ['-R', '2', '-N', '1', '--connect-timeout', '0.5'],
      told: (event) => event.event === 'item' && at.set(event.record.url, performance.now() - began),
    });
    const seen = unanswered.map((watch) => watch.stop());
    expect(Math.min(...seen)).toBeGreaterThan(0);
    play.injected(`${seen.join(' + ')} connections asked for in vain`);
    for (const url of [dark, dark6]) {
      expect(endOf(came.of(url))).toBe('failed: timeout');
      expect(came.retries(url)).toBe(2);
      expect(asked(url)).toBeGreaterThan(0);
    }
    expect(came.seconds).toBeLessThan(20); // six tries at half a second; two at the usual limit take as long
    expect(endOf(came.of(alive))).toBe('kept (live)');
    expect(at.get(alive)).toBeLessThan(Math.max(at.get(dark)!, at.get(dark6)!));
    play.outcome(endOf(came.of(dark)));
  }),
);

fault('C08', 'the first address is dead, the second alive: kept in under three seconds', (play) =>
  withScene(play)(async ({ archive }) => {
    const unanswered = watchUnanswered(world.darker6);
    const url = 'http://halfdead.example/c08.jpg';
    const came = await archive([url, 'http://halfdead4.example/c08-4.jpg'], { words: ['-R', '0'] });
    const seen = unanswered.stop();
    expect(net.dns.asked.filter(({ name }) => name === 'halfdead.example').map(({ type }) => type)).toContain(
      'AAAA',
    );
    expect(seen).toBeGreaterThan(0);
    play.injected(`${seen} connection to the dead address asked for`);
    expect(came.code).toBe(0);
    expect(net.talks.some(({ at }) => at === world.media)).toBe(true);
    expect(came.of(url)).toMatchObject({ status: 'kept', origin: 'live', attempts: 1 });
    expect(came.of(url).ms).toBeLessThan(3000);
    play.outcome(`${endOf(came.of(url))} after ${came.of(url).ms} ms`);
  }),
);
