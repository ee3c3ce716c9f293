import { expect, test } from 'vitest';
import { openNames } from '../../src/net/names.ts';

/** A resolver that knows some names, and a clock that is set by hand. */
function names(known: readonly string[]) {
  const clock = { now: 0, isDark: false };
  const here = new Set(known);
  const fails = (code: string) => Object.assign(new Error(code), { code });
  const resolver = openNames(
    async (host) => {
      if (host.startsWith('sick') || clock.isDark) throw fails('EAI_AGAIN');
      if (!here.has(host)) throw fails('ENOTFOUND');
      return [{ address: '192.0.2.1', family: 4 }];
    },
    () => clock.now,
  );
  const lookup = (host: string) => resolver.lookup(host, { family: 0 });
  const ask = async (host: string): Promise<string> => {
    try {
      await lookup(host);
      return 'found';
    } catch (error) {
      return ((await resolver.explain(host, error, lookup)) as { code: string }).code;
    }
  };
  return { ask, clock, here };
}

test('C06 a host that does not exist is told from a network that does not answer', async () => {
  const { ask, clock } = names(['blog.example']);
  expect(await ask('gone.example')).toBe('ENOTFOUND'); // nothing has resolved yet: it may be the network
  expect(await ask('blog.example')).toBe('found');
  clock.now = 4 * 60_000;
  expect(await ask('gone.example')).toBe('ENOSUCHHOST');
  clock.now = 6 * 60_000;
  expect(await ask('gone.example')).toBe('ENOTFOUND');
});

test('C06 a name that vanishes does not speak for the network itself', async () => {
  const { ask, here } = names(['blog.example', 'cdn.example']);
  await ask('blog.example');
  here.delete('blog.example');
  expect(await ask('blog.example')).toBe('ENOTFOUND');
  await ask('cdn.example');
  expect(await ask('blog.example')).toBe('ENOSUCHHOST');
});

test('C07 a sick resolver is never a missing host', async () => {
  const { ask } = names(['blog.example']);
  await ask('blog.example');
  expect(await ask('sick.example')).toBe('EAI_AGAIN');
});

test('C11 the network is gone if names fail that resolved a moment ago', async () => {
  const { ask, clock } = names(['blog.example', 'cdn.example']);
  clock.isDark = true;
  expect(await ask('blog.example')).toBe('EAI_AGAIN'); // nothing has resolved yet: nobody can tell
  clock.isDark = false;
  await ask('blog.example');
  clock.isDark = true;
  expect(await ask('blog.example')).toBe('ENONETWORK'); // the only name there is
  expect(await ask('new.example')).toBe('ENONETWORK');
  clock.now = 6 * 60_000;
  expect(await ask('blog.example')).toBe('EAI_AGAIN');
});
