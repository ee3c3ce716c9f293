/** What a connection goes through before a request can be sent, each with a clock of its own. */
export type Step = 'lookup' | 'connect' | 'secureConnect' | 'proxy';

const inWords: Record<Step, string> = {
  lookup: 'looking up the name',
  connect: 'connecting',
  secureConnect: 'the TLS handshake',
  proxy: 'waiting for the proxy',
};

export class StepTimeout extends Error {
  override readonly name = 'TimeoutError';
  readonly code: string;
  readonly event: Step;

  constructor(step: Step, ms: number) {
    super(`${inWords[step]} took more than ${ms / 1000} s`);
    this.code = step === 'secureConnect' ? 'ETLSTIMEOUT' : 'ETIMEDOUT';
    this.event = step;
  }
}

/** Runs a step until it is done, its time is up or nobody waits for it any more; it hears of the end by its signal. */
export async function timed<T>(
  step: Step,
  { ms, signal }: { readonly ms: number; readonly signal: AbortSignal },
  begin: (ended: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const end = new AbortController();
  const cut = new Promise<never>((_resolve, reject) => {
    end.signal.addEventListener('abort', () => reject(end.signal.reason), { once: true });
  });
  const forward = () => end.abort(signal.reason);
  signal.addEventListener('abort', forward, { once: true });
  const timer = setTimeout(() => end.abort(new StepTimeout(step, ms)), ms);
  try {
    return await Promise.race([begin(end.signal), cut]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', forward);
  }
}
