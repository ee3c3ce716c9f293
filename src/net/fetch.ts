import { setTimeout as delay } from 'node:timers/promises';
import { SourceError, sentence, systemCode } from '../errors.ts';
import { shownAddress } from '../shown.ts';
import { type BackoffOptions, delayBefore, retryAfter } from './backoff.ts';
import type { Gate } from './gate.ts';
import { hostOf } from './hosts.ts';
import type { Answer, Http } from './http.ts';

export interface FetchOptions extends BackoffOptions {
  readonly retries: number;
  /** The longest wait that a server may ask for. */
  readonly retryAfterMax: number;
  /** Milliseconds without a byte after which an answer counts as stalled. */
  readonly timeout: number;
  readonly random: () => number;
  readonly signal: AbortSignal;
}

/** What a mistyped address comes to: asking again would only keep its writer waiting. */
const hopeless = new Set([
  'ENOTFOUND',
  'ECONNREFUSED',
  'EREFUSEDADDRESS',
  'ERR_INVALID_URL',
  'ERR_UNSUPPORTED_PROTOCOL',
]);
const passing = (status: number) => status === 429 || status >= 500;

/**
 * Requests of sources: through the gate like all others, with patience for passing trouble. The permit is given
 * back with the head of the answer; a listing read slowly must not keep the media of its own host waiting.
 */
export function fetcher(http: Http, gate: Gate, options: FetchOptions) {
  return async (url: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> => {
    for (let attempt = 1; ; attempt++) {
      const isLast = attempt > options.retries;
      const answer = await askOnce(url, headers);
      if ('error' in answer) {
        const code = (answer.error as NodeJS.ErrnoException).code ?? systemCode(answer.error) ?? '';
        if (isLast || hopeless.has(code)) throw unreachable(url, answer.error);
      } else {
        const after = retryAfter(answer.headers['retry-after'], Date.now());
        if (isLast || !passing(answer.status) || (after ?? 0) > options.retryAfterMax) return answer;
        answer.body.destroy();
        gate.askedToWait(hostOf(url), after, `status ${answer.status}`);
      }
      await delay(delayBefore(attempt, options, options.random), undefined, { signal: options.signal });
    }
  };

  async function askOnce(
    url: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<Answer | { error: unknown }> {
    const permit = await gate.permit(hostOf(url), options.signal);
    try {
      await permit.clear(options.signal);
      return await http.ask(url, { headers, signal: options.signal, stall: options.timeout });
    } catch (error) {
      options.signal.throwIfAborted();
      return { error };
    } finally {
      permit.release();
    }
  }
}

function unreachable(url: string, error: unknown): SourceError {
  const host = hostOf(url);
  const code = (error as NodeJS.ErrnoException).code;
  const why =
    code === 'ENOTFOUND'
      ? `there is no host '${host}'`
      : code === 'ECONNREFUSED'
        ? `nobody listens at ${host}`
        : sentence(error);
  const shown = shownAddress(url);
  return new SourceError(`Cannot reach ${shown}: ${why}.`, { cause: error, url: shown });
}
