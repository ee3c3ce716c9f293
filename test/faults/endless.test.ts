import { describe, expect } from 'vitest';
import { answer, answers, serves } from '../helpers/answers.ts';
import { photo } from '../helpers/media.ts';
import type { Exchange, Script } from '../helpers/raw-talk.ts';
import { atFullScale, fault } from './fault.ts';
import { addressOf } from './scene.ts';

const MiB = 2 ** 20;
const jpeg = { 'Content-Type': 'image/jpeg' };

/** Says a text byte by byte, so many milliseconds apart, until the other side has enough. */
async function drips(exchange: Exchange, bytes: Iterable<string>, every: number): Promise<void> {
  const rest = bytes[Symbol.iterator]();
  await new Promise<void>((resolve) => {
    const clock = setInterval(() => {
      const { value, done } = rest.next();
      if (!done && !exchange.isGone) return void exchange.say(value);
      clearInterval(clock);
      resolve();
    }, every);
  });
}

function* forEver(text: string): Generator<string> {
  for (;;) yield* text;
}

describe('answers without measure', () => {
  fault('A15', 'Body without an end', async (scene) => {
    const cap = (atFullScale ? 256 : 8) * MiB;
    const flood = Buffer.alloc(64 * 1024, photo(15));
    let full = Number.NaN;
    let over = Number.NaN;
    const server = await scene.server({
      '/a.jpg': async (exchange) => {
        await exchange.say(
          answer(200, { ...jpeg, 'Content-Length': null, Connection: 'close', ETag: '"e"' }),
        );
        while (await exchange.say(flood)) if (exchange.said > cap) full ||= performance.now();
        over = await exchange.gone;
      },
    });
    const ran = await scene.run([addressOf(server)], '--filesize-max', `${cap / MiB}M`);
    expect(ran.code).toBe(1);
    scene.injected(`${(server.heard[0]!.said / MiB).toFixed(1)} MiB sent, cap ${cap / MiB} MiB`, server);
    expect(ran.record(addressOf(server))).toMatchObject({
      status: 'failed',
      reason: { code: 'refused-too-large' },
    });
    expect(server.heard).toHaveLength(1);
    expect(server.heard[0]!.said).toBeGreaterThan(cap);
    expect(server.heard[0]!.said, 'little more than the cap and what lies in buffers').toBeLessThan(
      cap + 16 * MiB,
    );
    expect(over - full, 'ms from the cap to the end').toBeLessThan(5000);
    expect(scene.size()).toBeLessThan(MiB);
    scene.outcome('refused-too-large');
  });

  fault('A16', 'Announced size beyond reason', async (scene) => {
    let taken = Number.NaN;
    const server = await scene.server({
      '/a.jpg': async (exchange) => {
        await exchange.say(answer(200, { ...jpeg, 'Content-Length': 2 ** 40, ETag: '"t"' }));
        await exchange.say(photo(16));
        await exchange.gone;
        taken = scene.parts().length;
      },
    });
    const ran = await scene.run([addressOf(server)]);
    expect(ran.code).toBe(1);
    expect(ran.record(addressOf(server))).toMatchObject({
      status: 'failed',
      reason: { code: 'refused-too-large' },
    });
    expect(server.heard).toHaveLength(1);
    expect(taken).toBe(0);
    expect(scene.size()).toBeLessThan(MiB);
    scene.injected('Content-Length: 1 TiB', server);
    scene.outcome('refused-too-large');
  });

  fault('A17', 'Drip feed', async (scene) => {
    const closed: Promise<number>[] = [];
    const drip: Script = async (exchange) => {
      closed.push(exchange.gone);
      await exchange.say(answer(200, { ...jpeg, 'Content-Length': 20_000, ETag: '"d"' }));
      await drips(exchange, forEver('x'), 50);
    };
    const slow = await scene.server({ '/a.jpg': drip, '/b.jpg': serves(photo(18), jpeg) });
    const quick = await scene.server(
      Object.fromEntries([1, 2, 3].map((n) => [`/${n}.jpg`, serves(photo(170 + n), jpeg)])),
    );
    const others = [1, 2, 3].map((n) => `${quick.url}/${n}.jpg`);
    const limits = [
      '-o',
      'minSpeed=1000',
      '-o',
      'minSpeedTime=1',
      '--timeout',
      '20',
      '-R',
      '1',
      '--per-host',
      '1',
    ];
    const ran = await scene.run([addressOf(slow), `${slow.url}/b.jpg`, ...others], ...limits);
    expect(ran.code).toBe(1);
    scene.injected('2 answers of a byte every 50 ms', quick, slow);
    expect(ran.record(addressOf(slow))).toMatchObject({ status: 'failed', reason: { code: 'too-slow' } });
    expect(slow.to('/a.jpg')).toHaveLength(2);
    const [first] = await Promise.all(closed); // else this never ends
    for (const { at } of quick.heard) expect(at, 'asked while the other dripped').toBeLessThan(first!);
    expect(quick.heard).toHaveLength(3);
    for (const address of [...others, `${slow.url}/b.jpg`]) expect(ran.record(address).status).toBe('kept');
    scene.outcome('too-slow; others kept meanwhile');
  });

  fault('A18', 'Headers that never finish', async (scene) => {
    const closed: Promise<number>[] = [];
    const server = await scene.server({
      '/a.jpg': async (exchange) => {
        closed.push(exchange.gone);
        await exchange.say('HTTP/1.1 200 OK\r\n');
        await drips(exchange, forEver('X-Slow: yes\r\n'), 50);
      },
      '/b.jpg': serves(photo(181), jpeg),
    });
    const limits = ['-o', 'headerTimeout=0.5', '--timeout', '20', '-R', '1', '--per-host', '1'];
    const ran = await scene.run([addressOf(server), `${server.url}/b.jpg`], ...limits);
    expect(ran.code).toBe(1);
    scene.injected('a byte of a header every 50 ms', server);
    expect(ran.record(addressOf(server))).toMatchObject({ status: 'failed', reason: { code: 'timeout' } });
    expect(ran.record(`${server.url}/b.jpg`).status).toBe('kept');
    expect(server.to('/a.jpg')).toHaveLength(2);
    await Promise.all(closed); // else this never ends
    scene.outcome('timeout after 2 tries');
  });

  fault('A19', 'Oversized headers', async (scene) => {
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`X-Pad-${i}`, 'x'.repeat(1024)]));
    const server = await scene.server({ '/a.jpg': answers(200, { ...jpeg, ...many }, photo(19)) });
    const ran = await scene.run([addressOf(server)]);
    expect(ran.code).toBe(1);
    scene.injected(`100 headers of 1 KiB, ${server.heard.length} times`, server);
    expect(ran.record(addressOf(server))).toMatchObject({ status: 'failed', reason: { code: 'protocol' } });
    expect(server.heard.length).toBeLessThanOrEqual(3);
    expect(scene.parts()).toEqual([]);
    scene.outcome('failed: protocol');
  });
});
