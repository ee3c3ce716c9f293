import { homedir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../errors.ts';
import type { GivenOptions } from '../options.ts';
import { proxy } from '../readers.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type Proxies = Pick<GivenOptions, 'httpProxy' | 'httpsProxy' | 'noProxy'>;

/** The proxies that the environment names, where the command line says nothing of its own. */
export function proxiesOf(env: Environment, given: GivenOptions): Proxies {
  const noProxy = find(env, 'NO_PROXY')?.text ?? null;
  if (given.proxy !== undefined) return { noProxy };
  return { httpProxy: read(env, 'HTTP_PROXY'), httpsProxy: read(env, 'HTTPS_PROXY'), noProxy };
}

/** Where logins are kept if nobody says where. */
export const netrcFile = (env: Environment): string => env.NETRC || join(homedir(), '.netrc');

function read(env: Environment, name: string): string | null {
  const found = find(env, name) ?? find(env, 'ALL_PROXY');
  if (!found) return null;
  try {
    return proxy(found.text);
  } catch (error) {
    throw new UsageError(
      `${found.name} of the environment does not fit: it takes ${(error as Error).message}.`,
      {
        cause: error,
      },
    );
  }
}

/** In lower case first, as elsewhere; what is set to nothing is not set. */
function find(env: Environment, name: string): { name: string; text: string } | undefined {
  for (const spelling of [name.toLowerCase(), name]) {
    const text = env[spelling]?.trim();
    if (text) return { name: spelling, text };
  }
  return undefined;
}
