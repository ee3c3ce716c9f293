import { connect } from 'node:net';
import { expect } from 'vitest';
import { type Behaviour, behaves, fails, serves, servesHtml } from '../../../src/demo/behaviours.ts';
import { answers } from '../../helpers/answers.ts';
import { askedFor } from '../../helpers/fake-archive.ts';
import { photo } from '../../helpers/media.ts';
import { deafPort } from '../../helpers/raw-server.ts';
import { withBlackHole } from '../../net/black-hole.ts';
import { fault } from '../fault.ts';
import { endOf, expectFailed, held, parkedIn, pausesOf, type Stage, withStage } from './stand-in.ts';

const names = Array.from({ length: 12 }, (_, n) => `fern-${n}`);
const several = Object.fromEntries(names.map((name, n) => [name, [held({ body: photo(n + 1) })]]));
const pause = ['-o', 'waybackPause=0.5'];

fault('I01', 'no capture', (scene) =>
  withStage(scene, { gone: [] }, async ({ origin, run, of, questions, replays }) => {
    const ran = await run();
    scene.injected('an index without a row', origin);
    expect(of(ran, 'gone')).toMatchObject({
      status: 'missing',
      reason: { code: 'gone', detail: 'status 404' },
      tried: [{ where: 'live' }, { where: 'wayback', outcome: 'no-capture' }],
    });
    expect([questions('gone'), replays('gone').length]).toEqual([1, 0]);
    scene.outcome(endOf(of(ran, 'gone')));
  }),
);

for (const status of [429, 503])
  fault('I02', `the service limits us: its index by ${status}`, async (scene) => {
    let isLimited = true;
    const index = (proper: Behaviour) =>
      behaves((exchange) => (isLimited ? fails(status) : proper).answer(exchange));
    const play = async ({ archive, run, of }: Stage) => {
      const ran = await run(...pause);
      const limited = archive.requests.length;
      expect(archive.requests.every((request) => request.status === status)).toBe(true);
      scene.injected(`${limited} answers of ${status}`);
      expect(limited).toBeLessThanOrEqual(3 * 6); // three times as many as may speak at once
      for (const lane of ['wayback index', 'wayback replay'])
        expect(new Set(pausesOf(ran, lane).map(({ ms }) => ms))).toEqual(new Set([500]));
      expect(parkedIn(ran)).toEqual(['wayback index', 'wayback replay']);
      for (const name of names) expectFailed(of(ran, name));
      isLimited = false;
      const next = await run(...pause);
      for (const name of names) expect(endOf(of(next, name))).toBe('kept (snapshot)');
      scene.outcome('failed: archive-unreachable; kept by the next run');
    };
    await withStage(scene, several, play, { index });
  });

fault('I02', 'the service limits us: its replay by 429', (scene) => {
  const limited = held({ memento: false, behaviour: fails(429) });
  return withStage(scene, { a: [limited], b: [limited], c: [limited] }, async (stage) => {
    const ran = await stage.run(...pause);
    const refused = stage.archive.requests.filter(({ status }) => status === 429);
    expect(refused.length).toBeLessThanOrEqual(3 * 3);
    scene.injected(`${refused.length} answers of 429`, stage.origin);
    expect(pausesOf(ran, 'wayback index').length).toBeGreaterThan(0);
    for (const name of ['a', 'b', 'c']) expectFailed(stage.of(ran, name));
    scene.outcome('failed: archive-unreachable');
  });
});

fault('I02', 'the service limits us: by refused connections', (scene) =>
  withStage(scene, several, async ({ run, of }) => {
    const port = await deafPort();
    const refused = await new Promise((done) =>
      connect(port, '127.0.0.1').on('error', (error: NodeJS.ErrnoException) => done(error.code)),
    );
    const ran = await run(...pause, '--wayback', `http://127.0.0.1:${port}`);
    expect(refused).toBe('ECONNREFUSED');
    const told = pausesOf(ran, 'wayback index').filter(({ why }) => why === 'it refuses connections');
    expect(told.length).toBeGreaterThan(0);
    scene.injected(`${told.length} silences after refused connections`);
    for (const name of names) expectFailed(of(ran, name));
    const next = await run(...pause);
    for (const name of names) expect(endOf(of(next, name))).toBe('kept (snapshot)');
    scene.outcome('failed: archive-unreachable; kept by the next run');
  }),
);

const head = ['timestamp', 'original', 'mimetype', 'statuscode', 'digest'];
const row = ['20190531123456', 'http://blog.example/1.jpg', 'image/jpeg', '200', 'ABC'];
const nonsense: Readonly<Record<string, Behaviour>> = {
  page: servesHtml(),
  cut: serves(JSON.stringify([head, row]).slice(0, -7)),
  narrow: serves(JSON.stringify([head, row.slice(1)])),
  dashes: serves(JSON.stringify([head, row.map(() => '-')])),
  silent: serves(''),
};

fault('I03', 'the service answers nonsense', (scene) => {
  const several = Object.fromEntries(Object.keys(nonsense).map((name) => [name, [held()]]));
  const index = () =>
    behaves((exchange) => {
      const [, name] = /\/(\w+)\.jpg$/.exec(askedFor(exchange.request.url!) ?? '') ?? [];
      return nonsense[name!]!.answer(exchange);
    });
  return withStage(
    scene,
    several,
    async ({ run, of, questions, archive }) => {
      const ran = await run('-R', '1');
      expect(archive.requests.every(({ status }) => status === 200)).toBe(true);
      for (const name of Object.keys(nonsense)) {
        expect([name, questions(name)]).toEqual([name, 2]);
        expectFailed(of(ran, name));
      }
      scene.injected(`${archive.requests.length} answers that are no index`);
      await run('-R', '0');
      expect(questions('page')).toBe(3); // nothing of it was remembered
      scene.outcome('failed: archive-unreachable');
    },
    { index },
  );
});

fault('I08', 'service is a black hole and 1,000 items need it', (scene) =>
  withBlackHole({ host: '127.0.0.1' }, async (port) => {
    const origin = await scene.server({ '*': answers(404) });
    const addresses = Array.from({ length: 1000 }, (_, n) => `${origin.url}/${n}.jpg`);
    const hole = ['--wayback', `http://127.0.0.1:${port}`, '--connect-timeout', '0.5'];
    const ran = await scene.run(addresses, ...hole);
    const summary = ran.events.at(-1)!;
    expect(summary).toMatchObject({
      event: 'summary',
      listed: 1000,
      failed: 1000,
      missing: 0,
      balanced: true,
    });
    expect(origin.heard).toHaveLength(1000);
    const questions = Number(summary.requests) - 1000;
    // Five come to nothing side by side, and so do those under way by then; four more are sent to see, one at a time.
    expect(questions).toBeGreaterThanOrEqual(5);
    expect(questions).toBeLessThanOrEqual(5 + 6 + 6 + 4);
    scene.injected(`${questions} connections that nothing came of`);
    expect(new Set(ran.records.map(endOf))).toEqual(new Set(['failed: archive-unreachable']));
    expect(parkedIn(ran)).toEqual(['wayback index', 'wayback replay']);
    scene.outcome(`1,000 failed: archive-unreachable after ${questions} questions`);
  }),
);
