import { expect } from 'vitest';
import type { Progress } from '../../../../src/progress.ts';
import { answers } from '../../../helpers/answers.ts';
import { type Home, openHome, world } from '../../../helpers/namespace.ts';
import type { Script } from '../../../helpers/raw-talk.ts';
import { fault } from '../../fault.ts';
import { pictureFor } from '../pictures.ts';
import { endOf, withScene } from '../scene.ts';
import { web } from './public.ts';

/** Longer than all tries of an item take together. */
const OUTAGE = 1500;
const ITEMS = 6;

const words = [
  ...['--wayback', 'http://archive.example', '-R', '2', '-N', '2'],
  ...['-o', 'headerTimeout=1', '--timeout', '1', '--connect-timeout', '3'],
];

let home: Home;
let unpluggedAt: number | undefined;

/** Half of the third picture, and then the cable is out. */
const halfAndDark: Script = async (exchange) => {
  const whole = pictureFor(exchange.path);
  if (unpluggedAt !== undefined) return exchange.say(whole);
  await exchange.say(whole.subarray(0, whole.length / 2));
  home.unplug();
  unpluggedAt = performance.now();
  return undefined;
};

web(
  { 'blog.example': { a: [world.media] }, 'archive.example': { a: [world.media] } },
  {
    '/c11-2.jpg': halfAndDark,
    '/cdx/search/cdx': answers(200, { 'Content-Type': 'application/json' }, '[]'),
  },
);

fault('C11', 'the whole network is gone for a while: waits, says so and goes on', (play) =>
  withScene(play)(async ({ archive }) => {
    home = await openHome();
    const hosts = ['blog.example', world.media];
    const addresses = Array.from({ length: ITEMS }, (_, n) => `http://${hosts[n % 2]}/c11-${n}.jpg`);
    let said: number | undefined;
    let inVain = 0;
    let dark = false;
    const told = (event: Progress) => {
      if (unpluggedAt === undefined) return;
      if (event.event === 'retry') inVain++;
      if (said !== undefined || !/network is gone|"network","gone":true/i.test(JSON.stringify(event))) return;
      said = performance.now();
      dark = home.isDark();
      setTimeout(() => home.plug(), Math.max(0, unpluggedAt + OUTAGE - said)); // its length is the fault itself
    };
    try {
      const came = await archive(addresses, { through: home.inIt, words, told });
      expect(dark).toBe(true);
      expect(inVain).toBeGreaterThan(0);
      play.injected(`no carrier for ${OUTAGE} ms from mid-body on, ${inVain} tries in vain`);
      expect(said).toBeDefined();
      expect(came.stderr).toMatch(/network is gone/i);
      expect(came.records.map(({ status }) => status)).not.toContain('missing');
      expect(addresses.map((url) => endOf(came.of(url)))).toEqual(addresses.map(() => 'kept (live)'));
      expect(came.code).toBe(0);
      play.outcome(`${ITEMS} of ${ITEMS} kept (live)`);
    } finally {
      home.close();
    }
  }),
);
