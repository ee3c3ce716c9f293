import { setMaxListeners } from 'node:events';

/** Aborts when either does. Made once for a stage: it serves all of its waits, hence the raised ceiling. */
export function eitherOf({
  signal,
  stop,
}: {
  readonly signal: AbortSignal;
  readonly stop: AbortSignal;
}): AbortSignal {
  const either = AbortSignal.any([signal, stop]);
  setMaxListeners(0, either);
  return either;
}
