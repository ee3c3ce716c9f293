/** Two grades of stopping, by signal: Ctrl-C once is gentle, twice is now; the system's own request is now. */
export interface Interrupt {
  readonly stop: AbortSignal;
  readonly signal: AbortSignal;
  /** 130 or 143 once a signal has come. */
  exitCode(): number | undefined;
  end(): void;
}

/** Whoever does not end by then is ended: the archive is made for it. */
const GRACE = 4000;

export function onInterrupt(say: (line: string) => void): Interrupt {
  const [gently, now] = [new AbortController(), new AbortController()];
  let code: number | undefined;
  const leave = (exitCode: number) => {
    code = exitCode;
    gently.abort();
    now.abort();
    setTimeout(() => process.exit(exitCode), GRACE).unref();
  };
  const interrupt = () => {
    if (gently.signal.aborted) return leave(130);
    code = 130;
    say('Stopping after what is in hand. Ctrl-C again stops at once; a re-run goes on.');
    gently.abort();
  };
  const terminate = () => leave(143);
  process.on('SIGINT', interrupt).on('SIGTERM', terminate).on('SIGHUP', terminate);
  return {
    stop: gently.signal,
    signal: now.signal,
    exitCode: () => code,
    end: () => void process.off('SIGINT', interrupt).off('SIGTERM', terminate).off('SIGHUP', terminate),
  };
}
