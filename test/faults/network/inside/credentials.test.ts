import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { sendsTo } from '../../../helpers/answers.ts';
import { certificate } from '../../../helpers/certificates.ts';
import { world } from '../../../helpers/namespace.ts';
import { type RawServer, withRawServers } from '../../../helpers/raw-server.ts';
import type { Script, Talk } from '../../../helpers/raw-talk.ts';
import { fault } from '../../fault.ts';
import { filesWith } from '../../sound.ts';
import { pictures } from '../pictures.ts';
import { type Came, endOf, secretLines, withScene } from '../scene.ts';
import { web } from './public.ts';

const goals = {
  host: 'http://other.example/x06-host',
  'secure-host': 'https://other.example/x06-secure-host',
  port: 'https://media.example:8443/x06-port',
  scheme: 'http://media.example/x06-scheme',
  self: 'https://media.example/x06-self',
};

/** `/to-port-header.jpg` sends to the goal of that name, with the same ending. */
const serve: Script = (exchange) => {
  const [, goal, run] = /^\/to-([a-z-]+)-([a-z]+)\.jpg$/.exec(exchange.path) ?? [];
  return (goal ? sendsTo(`${goals[goal as keyof typeof goals]}-${run}.jpg`) : pictures)(exchange);
};

const net = web({ 'media.example': { a: [world.media] }, 'other.example': { a: [world.other] } });

const CANARY = 'x06-canary';
const basic = Buffer.from(`reader:${CANARY}`).toString('base64');

interface Way {
  readonly name: string;
  readonly words: readonly string[];
  readonly user?: string;
  /** What the first server must hear. */
  readonly expected: readonly string[];
}

function waysIn(dir: string): Way[] {
  const file = (name: string, text: string) => {
    writeFileSync(join(dir, name), text, { mode: 0o600 });
    return join(dir, name);
  };
  const header = (line: string) => ['--header', `https://media.example ${line}`];
  const jar = `# Netscape HTTP Cookie File\nmedia.example\tFALSE\t/\tFALSE\t4102444800\tsid\t${CANARY}\n`;
  return [
    {
      name: 'header',
      words: [...header(`Authorization: Bearer ${CANARY}`), ...header(`x-api-key: ${CANARY}`)],
      expected: [`Bearer ${CANARY}`, `x-api-key: ${CANARY}`],
    },
    { name: 'cookie', words: ['--cookies', file('cookies.txt', jar)], expected: [`sid=${CANARY}`] },
    {
      name: 'netrc',
      words: ['--netrc', file('logins', `machine media.example login reader password ${CANARY}\n`)],
      expected: [`Basic ${basic}`],
    },
    { name: 'address', words: [], user: `reader:${CANARY}@`, expected: [] },
  ];
}

const isFirst = ({ at, port }: Talk) => at === world.media && port === 443;

fault('X06', 'credentials stay with the host, port and scheme that they are for', (play) =>
  withRawServers(async (open) => {
    const secure: RawServer[] = [];
    for (const port of [443, 8443])
      secure.push(await open(serve, { host: '::', port, tls: certificate('good') }));
    await withScene(play)(async ({ archive, dir }) => {
      const ways = waysIn(dir);
      const runs: [Way, Came][] = await Promise.all(
        ways.map(async (way) => {
          const addresses = Object.keys(goals).map(
            (goal) => `https://${way.user ?? ''}media.example/to-${goal}-${way.name}.jpg`,
          );
          const words = [...way.words, '--insecure', '-N', '1', '-R', '0', '--no-recovery'];
          return [way, await archive(addresses, { words, out: way.name })] as [Way, Came];
        }),
      );
      const heard = [...secure.flatMap(({ talks }) => talks), ...net.talks];
      const second = heard.filter((one) => !isFirst(one));
      for (const { name, expected } of ways) {
        const first = heard.filter((one) => isFirst(one) && one.text.includes(`-${name}.jpg`));
        const text = first.map((one) => one.text).join('');
        for (const one of expected) expect(text.split(one).length - 1, `${name}: ${one}`).toBe(6); // and to itself
        for (const goal of ['host', 'secure-host', 'port', 'scheme'])
          expect(
            second.some((one) => one.text.includes(`/x06-${goal}-${name}.jpg`)),
            `${name} ${goal}`,
          ).toBe(true);
      }
      expect(second.flatMap(({ text }) => secretLines(text))).toEqual([]);
      expect(second.map(({ text }) => text).join('')).not.toContain(CANARY);
      play.injected(`${second.length} connections elsewhere after a request with credentials`);
      for (const [{ name }, came] of runs) {
        expect(came.records.map(endOf), name).toEqual(Object.keys(goals).map(() => 'kept (live)'));
        expect(came.text).not.toContain(CANARY);
        expect(filesWith(came.archive, CANARY)).toEqual([]);
      }
      play.outcome('dropped; kept (live)');
    });
  }),
);
