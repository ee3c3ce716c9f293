import type { Location, Snapshot } from '../model.ts';
import { originOf } from '../net/guard.ts';
import type { Answer } from '../net/http.ts';
import { isCapture } from '../net/memento.ts';
import type { Fact } from './outcome.ts';
import type { Plan } from './plan.ts';

type Heads = Pick<Answer, 'status' | 'headers'>;

/** These are asked for again: so a web archive says that it is asked too much, or that somebody is to come back. */
const passing = new Set([408, 420, 425, 429]);

/** A redirect to the same service: the same host and port, or from http to https. */
export function staysWithin(service: URL, to: URL): boolean {
  const isUpgrade = service.protocol === 'http:' && to.protocol === 'https:' && !service.port && !to.port;
  return to.hostname === service.hostname && (originOf(to) === originOf(service) || isUpgrade);
}

/** What is to be done with an answer, where it comes from a web archive: the status that was captured is no living one. */
export function asCaptured({ kind }: Location, answer: Answer, plan: Plan | Fact): Plan | Fact {
  if (kind !== 'snapshot' || !('fact' in plan) || plan.fact !== 'status') return plan;
  const { status, retryAfter } = plan;
  if (isCapture(answer)) return { fact: 'archived', status, isCapture: true };
  const isItsOwn = status >= 400 && status < 500 && !passing.has(status) && retryAfter === undefined;
  return isItsOwn ? { fact: 'archived', status, isCapture: false } : plan;
}

/** Came less than the server announced when it was captured? Of coded bytes, and of parts, it announced something else. */
export function cutCapture({ kind }: Location, answer: Heads, received: number): Fact | undefined {
  const { headers, status } = answer;
  if (kind !== 'snapshot' || status !== 200 || !isCapture(answer)) return undefined;
  const said = headers['x-archive-orig-content-length'];
  const announced = typeof said === 'string' && /^\d{1,15}$/.test(said) ? Number(said) : 0;
  const isCoded = headers['x-archive-orig-content-encoding'] !== undefined;
  return isCoded || announced <= received ? undefined : { fact: 'cut-capture', announced, received };
}

/** The capture that answered: redirects within the archive may have led to another one than was asked for. */
export function snapshotOf(
  { snapshot }: Location,
  { url, headers }: Pick<Answer, 'url' | 'headers'>,
  digestEqual: boolean | undefined,
): Snapshot | undefined {
  if (!snapshot) return undefined;
  const time = Date.parse(String(headers['memento-datetime']));
  return {
    ...snapshot,
    url,
    ...(!Number.isNaN(time) && { time: new Date(time).toISOString().replace('.000Z', 'Z') }),
    ...(digestEqual !== undefined && { digestEqual }),
  };
}
