import { sentence, systemCode } from '../errors.ts';
import type { ReasonCode } from '../model.ts';
import type { News } from './gate.ts';
import { BeyondTheFirst } from './http.ts';

/** What it says about a host that a question to it failed; one that only leads to a dead place has answered. */
export function silenceOf(error: unknown, code: ReasonCode): News {
  const what = sentence(error);
  if (error instanceof BeyondTheFirst) return { sign: 'other', what };
  return { sign: 'silent', what, reason: { code, detail: what } };
}

/** Who goes on asking a web archive after a 429 is kept out at the door, for an hour and more. */
export const isShutOut = (error: unknown): boolean =>
  systemCode(error) === 'ECONNREFUSED' && !(error instanceof BeyondTheFirst);
