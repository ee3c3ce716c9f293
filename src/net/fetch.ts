import { setTimeout as delay } from 'node:timers/promises';
import { type OxbowError, QuotaError, SourceError, sentence, systemCode } from '../errors.ts';
import type { Permit } from '../model.ts';
import { shownAddress } from '../shown.ts';
import { type BackoffOptions, delayBefore, retryAfter } from './backoff.ts';
import type { Gate } from './gate.ts';
import { signOf } from './health.ts';
import { hostOf } from './hosts.ts';
import type { Answer, Http } from './http.ts';
import { Parked } from './lane.ts';
import { captured, isCapture } from './memento.ts';
import { endIfSlow, type Pace } from './pace.ts';
import { silenceOf } from './silence.ts';

export interface FetchOptions extends BackoffOptions, Pace {
  readonly retries: number;
  /** Milliseconds without a byte after which an answer counts as stalled. */
  readonly timeout: number;
  readonly random: () => number;
  readonly signal: AbortSignal;
  /** Whose permit a request needs, where it is not simply the host of the address. */
  readonly lane?: string;
  /** The head alone, if the server can do that. */
  readonly method?: 'HEAD';
  /** Redirects are followed only while this holds. */
  readonly mayFollow?: (to: URL) => boolean;
}

interface Trouble {
  readonly error: unknown;
}

/** What a mistyped address comes to: asking again would only keep its writer waiting. */
const hopeless = new Set([
  'ENOTFOUND',
  'ECONNREFUSED',
  'ENOSUCHHOST',
  'EREFUSEDADDRESS',
  'EREFUSEDPORT',
  'EREFUSEDSCHEME',
  'EREDIRECT',
  'EREFUSEDREDIRECT',
]);
const isHopeless = (error: unknown) =>
  hopeless.has((error as NodeJS.ErrnoException).code ?? systemCode(error) ?? '');
const passing = (status: number) => status === 429 || status >= 500;

/**
 * Requests of sources: through the gate like all others, with patience for passing trouble. The permit is given
 * back with the head of the answer; a listing read slowly must not keep the media of its own host waiting.
 */
export function fetcher(http: Http, gate: Gate, options: FetchOptions) {
  const laneOf = (url: string) => options.lane ?? hostOf(url);
  return async (
    url: string,
    headers: Readonly<Record<string, string>> = {},
    takes: (answer: Answer) => boolean = () => false,
  ): Promise<Answer> => {
    for (let attempt = 1; ; attempt++) {
      const answer = await askOnce(url, headers);
      if (!('error' in answer) && takes(answer)) return answer;
      if (isFinal(url, answer, attempt > options.retries)) return answer;
      await delay(delayBefore(attempt, options, options.random), undefined, { signal: options.signal });
    }
  };

  /** Is there nothing to be gained by asking again? What was captured stays as it is. Throws where not even an answer came. */
  function isFinal(url: string, answer: Answer | Trouble, isLast: boolean): answer is Answer {
    if ('error' in answer) {
      if (isLast || isHopeless(answer.error)) throw unreachable(url, answer.error);
      return false;
    }
    if (!passing(answer.status) || isCapture(answer)) return true;
    const after = retryAfter(answer.headers['retry-after'], Date.now());
    const asks = after !== undefined || answer.status === 429;
    const parked = asks ? gate.askedToWait(laneOf(url), after, `status ${answer.status}`) : undefined;
    if (isLast && !parked) return true;
    answer.body.destroy();
    if (parked) throw sentAway(url, parked);
    return false;
  }

  async function askOnce(url: string, headers: Readonly<Record<string, string>>): Promise<Answer | Trouble> {
    const lane = laneOf(url);
    let permit: Permit | undefined;
    try {
      permit = await gate.permit(lane, options.signal);
      await permit.clear(options.signal);
      const answer = await http.ask(url, {
        headers,
        signal: options.signal,
        stall: options.timeout,
        ...(options.method && { method: options.method }),
        ...(options.mayFollow && { mayFollow: options.mayFollow }),
      });
      permit.rest();
      const after = retryAfter(answer.headers['retry-after'], Date.now());
      gate.heard(lane, isCapture(answer) ? captured : signOf(answer.status, after));
      endIfSlow(answer.body, null, options);
      return answer;
    } catch (error) {
      options.signal.throwIfAborted();
      if (error instanceof Parked) throw sentAway(url, error);
      permit?.rest();
      gate.heard(lane, silenceOf(error, 'connect'));
      return { error };
    } finally {
      permit?.release();
    }
  }
}

/** A quota that is spent comes back; a host that is dead may not. */
function sentAway(url: string, { reason, until }: Parked): OxbowError {
  const shown = shownAddress(url);
  if (reason.code !== 'rate-limited')
    return new SourceError(`Cannot reach ${shown}: ${reason.detail}.`, { url: shown });
  const resumes = new Date(until).toISOString();
  return new QuotaError(`${hostOf(url)} asks us to come back later (${reason.detail})`, { resumes });
}

function unreachable(url: string, error: unknown): SourceError {
  const host = hostOf(url);
  const code = (error as NodeJS.ErrnoException).code;
  const why =
    code === 'ENOTFOUND' || code === 'ENOSUCHHOST'
      ? `there is no host '${host}'`
      : code === 'ECONNREFUSED'
        ? `nobody listens at ${host}`
        : sentence(error);
  const shown = shownAddress(url);
  return new SourceError(`Cannot reach ${shown}: ${why}.`, { cause: error, url: shown });
}
