import { connect } from 'node:net';
import { expect } from 'vitest';
import { photo } from '../../helpers/media.ts';
import { deafPort, withRawServers } from '../../helpers/raw-server.ts';
import { fault } from '../fault.ts';
import { pictures } from './pictures.ts';
import { endOf, withScene } from './scene.ts';

const local = ['--allow-private'];

const refusal = (port: number) =>
  new Promise<string | undefined>((done) =>
    connect(port, '127.0.0.1')
      .on('error', (error: NodeJS.ErrnoException) => done(error.code))
      .on('connect', () => done(undefined)),
  );

fault('C01', 'nobody listens: tried again, looked for elsewhere, and failed, not missing', async (play) => {
  const port = await deafPort();
  const [lost, found] = ['lost', 'found'].map((name) => `http://127.0.0.1:${port}/${name}.jpg`);
  const capture = { url: found!, time: '20190102030405', body: photo(7), type: 'image/jpeg' };
  const test = withScene(play, [capture]);
  await test(async ({ archive, asked }) => {
    const came = await archive([lost!, found!], { words: [...local, '-R', '2'] });
    expect(await refusal(port)).toBe('ECONNREFUSED');
    const refused = came.events.filter((e) => e.event === 'retry' && /ECONNREFUSED/.test(e.reason));
    expect(refused.length).toBeGreaterThanOrEqual(2);
    play.injected(`${refused.length} refused connections before a further try`);
    expect(came.retries(lost!)).toBe(2);
    expect(asked(lost!)).toBeGreaterThan(0);
    expect(came.code).toBe(1);
    expect(endOf(came.of(lost!))).toBe('failed: connect');
    expect(endOf(came.of(found!))).toBe('kept (snapshot)');
    play.outcome(endOf(came.of(lost!)));
  });
});

fault('C03', 'TLS never starts: the handshake has a limit of its own and gives its place back', (play) =>
  withRawServers(async (open) => {
    const silent = await open(() => undefined);
    const alive = await open(pictures);
    await withScene(play)(async ({ archive, asked }) => {
      const [stuck, good] = [`https://127.0.0.1:${silent.port}/a.jpg`, `${alive.url}/b.jpg`];
      const words = [...local, '-R', '1', '-N', '1', '--connect-timeout', '0.5'];
      const came = await archive([stuck, good], { words });
      const hellos = silent.talks.filter(({ text }) => text.startsWith('\x16\x03'));
      expect(hellos).toHaveLength(2);
      play.injected(`${hellos.length} client hellos came, nothing was said`);
      expect(came.seconds).toBeLessThan(15); // far below two limits of ten seconds
      expect(endOf(came.of(stuck))).toBe('failed: tls-timeout');
      expect(endOf(came.of(good))).toBe('kept (live)');
      expect(asked(stuck)).toBeGreaterThan(0);
      play.outcome(endOf(came.of(stuck)));
    });
  }),
);

fault('C10', 'an idle connection ends just as it is used again: asked once more, uncounted', (play) =>
  withRawServers(async (open) => {
    const cut: string[] = [];
    const server = await open((exchange) => {
      if (exchange.nthOnConnection === 0) return pictures(exchange);
      cut.push(exchange.path);
      return exchange.reset();
    });
    await withScene(play)(async ({ archive }) => {
      const [a, b] = ['a', 'b'].map((name) => `${server.url}/${name}.jpg`);
      const came = await archive([a!, b!], { words: [...local, '-R', '0', '-N', '1', '--no-recovery'] });
      expect(cut).toEqual(['/b.jpg']);
      play.injected('the second request on one connection met its end');
      expect(server.connections).toHaveLength(2);
      expect(came.code).toBe(0);
      expect(came.of(b!)).toMatchObject({ status: 'kept', origin: 'live', attempts: 1 });
      expect(came.retries(b!)).toBe(0);
      play.outcome('kept (live), 1 attempt');
    });
  }),
);
