import type { Permit } from '../model.ts';
import type { Http } from './http.ts';
import { eitherOf } from './stopping.ts';

/** What an address answers, without its body; undefined if nothing is answered. */
export type Glance = (url: string, permit: Permit) => Promise<number | undefined>;

export interface GlanceOptions {
  readonly signal: AbortSignal;
  readonly stop: AbortSignal;
  readonly timeout: number;
}

/** With a permit that is there already: a question about the host must not wait behind a thousand others. */
export function openGlance(http: Http, { signal, stop, timeout }: GlanceOptions): Glance {
  const either = eitherOf({ signal, stop });
  return async (url, permit) => {
    try {
      await permit.clear(either);
      const { status, body } = await http.ask(url, {
        headers: { range: 'bytes=0-0' },
        signal,
        stall: timeout,
      });
      body.destroy();
      return status;
    } catch {
      signal.throwIfAborted();
      return undefined; // no answer is one of the answers
    } finally {
      permit.rest();
    }
  };
}
