import type { Location, Snapshot } from '../model.ts';
import { takeIn } from '../net/body.ts';
import { originOf } from '../net/guard.ts';
import type { Answer } from '../net/http.ts';
import { exclusionIn, isCapture } from '../net/memento.ts';
import { endIfSlow, type Pace } from '../net/pace.ts';
import type { Fact } from './outcome.ts';
import type { Plan } from './plan.ts';

type Heads = Pick<Answer, 'status' | 'headers'>;

/** In its own name an archive says so that it has no such capture. */
const absences = new Set([404, 410, 451]);
/** These say no more than that it keeps us out, unless its words say that it keeps the site out of the archive. */
const refusals = new Set([401, 403]);

/** A message is short; what comes behind it is not read. */
const MOST_WORDS = 2 ** 16;

/** A redirect to the same service: the same host and port, or from http to https. */
export function staysWithin(service: URL, to: URL): boolean {
  const isUpgrade = service.protocol === 'http:' && to.protocol === 'https:' && !service.port && !to.port;
  return to.hostname === service.hostname && (originOf(to) === originOf(service) || isUpgrade);
}

interface Asked {
  readonly location: Location;
  readonly signal: AbortSignal;
  readonly pace: Pace;
}

/** What is to be done with an answer, where it comes from a web archive: the status that was captured is no living one. */
export async function asCaptured(asked: Asked, answer: Answer, plan: Plan | Fact): Promise<Plan | Fact> {
  if (asked.location.kind !== 'snapshot' || !('fact' in plan) || plan.fact !== 'status') return plan;
  const { status, retryAfter } = plan;
  if (isCapture(answer)) return { fact: 'archived', status, isCapture: true };
  if (retryAfter !== undefined) return plan;
  const isDefinite =
    absences.has(status) || (refusals.has(status) && exclusionIn(await wordsOf(answer, asked)) !== undefined);
  return isDefinite ? { fact: 'archived', status, isCapture: false } : plan;
}

/** As far as they came: words that broke off before they said so say nothing. */
async function wordsOf({ body }: Answer, { signal, pace }: Asked): Promise<string> {
  endIfSlow(body, null, pace);
  const { bytes } = await takeIn(body, MOST_WORDS);
  signal.throwIfAborted(); // any other trouble leaves what came before it
  return bytes.toString('utf8');
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
