import { setTimeout as delay } from 'node:timers/promises';
import { SourceError, sentence, systemCode } from '../../errors.ts';
import type { Answer } from '../../net/http.ts';
import { bodyBytes, unzipped } from '../bytes.ts';
import type { SourceContext } from '../source.ts';
import { decoded } from '../text.ts';
import { closed, free, type Rules, readRules } from './rules.ts';

/** What robots.txt files say of the origins that were asked for theirs. */
export interface Robots {
  /** The rules of an origin; those that cannot be learnt forbid everything. */
  of(address: string): Promise<Rules>;
  /** The same where they are known already. */
  known(address: string): Rules | undefined;
  /** Why the rules of an origin could not be learnt. */
  trouble(address: string): string | undefined;
  /** Asks for a page when its turn comes: so long after the one before as its robots.txt wants it. */
  inTurn<T>(address: string, work: () => Promise<T>): Promise<T>;
}

interface RobotsOptions {
  readonly context: Pick<SourceContext, 'fetch' | 'signal'>;
  /** Seconds between two pages at most, whatever is asked for. */
  readonly longestDelay: number;
}

export const noRobots: Robots = {
  of: async () => free,
  known: () => undefined,
  trouble: () => undefined,
  inTurn: (_, work) => work(),
};

/** So many origins have a robots.txt that is asked for; a site has one or four. */
const mostOrigins = 100;

export function openRobots({ context, longestDelay }: RobotsOptions): Robots {
  const asked = new Map<string, Promise<Rules>>();
  const rules = new Map<string, Rules>();
  const troubles = new Map<string, string>();
  /** When the last page of an origin had answered. */
  const turns = new Map<string, Promise<number>>();

  async function learn(origin: string): Promise<Rules> {
    const learnt = await rulesAt(`${origin}/robots.txt`, context);
    if ('trouble' in learnt) troubles.set(origin, learnt.trouble);
    const found = 'trouble' in learnt ? closed : learnt;
    rules.set(origin, found);
    return found;
  }

  function of(address: string): Promise<Rules> {
    const { origin } = new URL(address);
    const known = asked.get(origin);
    if (known) return known;
    if (asked.size >= mostOrigins) return Promise.resolve(closed);
    const found = learn(origin);
    asked.set(origin, found);
    found.catch(() => asked.delete(origin)); // a quota that was spent comes back
    return found;
  }

  return {
    of,
    known: (address) => rules.get(new URL(address).origin),
    trouble: (address) => troubles.get(new URL(address).origin),
    async inTurn(address, work) {
      const pause = Math.min((await of(address)).delay, longestDelay) * 1000;
      if (pause === 0) return work();
      const { origin } = new URL(address);
      const ended = () => performance.now();
      const mine = (turns.get(origin) ?? Promise.resolve(Number.NEGATIVE_INFINITY)).then(async (before) => {
        const wait = before + pause - performance.now();
        if (wait > 0) await delay(wait, undefined, { signal: context.signal });
        return work();
      });
      turns.set(origin, mine.then(ended, ended));
      return mine;
    },
  };
}

type Learnt = Rules | { readonly trouble: string };

/** By RFC 9309: none is no rule, one that cannot be had forbids all. Passing trouble has been waited out by now. */
async function rulesAt(address: string, context: RobotsOptions['context']): Promise<Learnt> {
  try {
    const answer = await context.fetch(address, { 'accept-encoding': 'identity' });
    const { status } = answer;
    if (status === 200) return readRules(await startOf(answer, context.signal), address);
    answer.body.destroy();
    if (status >= 200 && status < 500 && status !== 429) return free;
    return { trouble: `its server answers ${status}` };
  } catch (error) {
    context.signal.throwIfAborted();
    if (!(error instanceof SourceError)) throw error;
    const isCircle = systemCode(error) === 'EREDIRECT';
    return isCircle ? free : { trouble: sentence(error) };
  }
}

/** Behind so many bytes nothing counts, and nothing is read. */
const most = 500 * 1024;

async function startOf(answer: Answer, signal: AbortSignal): Promise<string> {
  let text = '';
  let size = 0;
  const bytes = unzipped(bodyBytes(answer, signal), 'robots.txt');
  try {
    for await (const part of decoded(bytes, () => undefined)) {
      text += part;
      size += Buffer.byteLength(part);
      if (size >= most) return withoutLast(text.slice(0, most));
    }
    return text;
  } finally {
    answer.body.destroy();
  }
}

/** A rule that is cut would forbid more than it says. */
const withoutLast = (text: string): string =>
  text.slice(0, Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r')) + 1);
