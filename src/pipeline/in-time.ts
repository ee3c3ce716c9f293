/** Milliseconds that a source may still take for the page in hand when the run is asked to stop. */
const GRACE = 1000;

/**
 * What is under way may still come when the run is asked to stop, but a source that says nothing more is not
 * waited for. Each wait is a promise of its own: one for all would hold every page that was raced against it.
 */
export function inTime<T>(coming: Promise<T>, stop: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    let clock: NodeJS.Timeout | undefined;
    const wait = () => {
      clock = setTimeout(resolve, GRACE, undefined);
    };
    const over = () => {
      stop.removeEventListener('abort', wait);
      clearTimeout(clock);
    };
    stop.addEventListener('abort', wait, { once: true });
    coming.finally(over).then(resolve, reject);
  });
}
