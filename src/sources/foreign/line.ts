import { AuthError, OxbowError, QuotaError, SourceError, sentence, UsageError } from '../../errors.ts';

/** A port between two threads. */
export interface Port {
  postMessage(message: unknown): void;
}

/** What can be asked of one side, by its name. Notes are told, and not answered. */
export type Answers = Readonly<Record<string, (given: never) => unknown>>;

type Message =
  | { readonly ask: number; readonly name: string; readonly given: unknown }
  | { readonly note: string; readonly given: unknown }
  | { readonly answer: number; readonly value: unknown }
  | { readonly answer: number; readonly error: Told };

interface Waiting {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** Questions and answers between two threads, the same from either side. */
export class Line {
  readonly #port: Port;
  readonly #answers: Answers;
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;
  #inHand = 0;

  constructor(port: Port, answers: Answers) {
    this.#port = port;
    this.#answers = answers;
  }

  ask<T>(name: string, given?: unknown): Promise<T> {
    const ask = ++this.#asked;
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(ask, { resolve: resolve as Waiting['resolve'], reject });
      this.#port.postMessage({ ask, name, given });
    });
  }

  note(note: string, given: unknown): void {
    this.#port.postMessage({ note, given });
  }

  /** To be called with each message that the port brings. */
  heard(message: Message): void {
    if ('ask' in message) void this.#answer(message.ask, message.name, message.given);
    else if ('note' in message)
      void this.#run(message.note, message.given).catch(() => undefined); // nobody waits
    else this.#settle(message);
  }

  /** Nothing comes any more: all that is waited for fails with this. */
  fail(error: unknown): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  get isWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** Does this side wait for the other, while the other waits for nothing? */
  get isUpToTheOther(): boolean {
    return this.#waiting.size > 0 && this.#inHand === 0;
  }

  async #answer(answer: number, name: string, given: unknown): Promise<void> {
    this.#inHand++;
    try {
      this.#say(answer, await this.#run(name, given));
    } catch (error) {
      this.#port.postMessage({ answer, error: told(error) });
    } finally {
      this.#inHand--;
    }
  }

  /** What cannot cross as it is crosses as JSON, which leaves functions out; what cannot even do that is an error. */
  #say(answer: number, value: unknown): void {
    try {
      this.#port.postMessage({ answer, value });
    } catch {
      this.#port.postMessage({ answer, value: JSON.parse(JSON.stringify(value)) });
    }
  }

  async #run(name: string, given: unknown): Promise<unknown> {
    const work = Object.hasOwn(this.#answers, name) ? this.#answers[name] : undefined;
    if (!work) throw new TypeError(`nobody answers to ${name.slice(0, 40)}`);
    return work(given as never);
  }

  #settle(message: Extract<Message, { answer: number }>): void {
    const waiting = this.#waiting.get(message.answer);
    this.#waiting.delete(message.answer);
    if ('error' in message) waiting?.reject(revived(message.error));
    else waiting?.resolve(message.value);
  }
}

/** An error as it crosses: by its kind, if it is one of ours. */
interface Told {
  readonly kind: string | undefined;
  readonly message: string;
  readonly why?: string;
  readonly resumes?: string;
  readonly code?: string | undefined;
}

function told(error: unknown): Told {
  const message = sentence(error).slice(0, 10_000);
  const { code } = (error ?? {}) as { code?: unknown };
  if (error instanceof QuotaError)
    return { kind: error.name, message, why: error.why, resumes: error.resumes };
  return {
    kind: error instanceof OxbowError ? error.name : undefined,
    message,
    code: typeof code === 'string' ? code : undefined,
  };
}

const kinds = { SourceError, AuthError, UsageError } as const;

function revived({ kind, message, why, resumes, code }: Told): Error {
  if (kind === 'QuotaError' && !Number.isNaN(Date.parse(resumes ?? '')))
    return new QuotaError(why ?? message, { resumes: resumes! });
  const known =
    kind !== undefined && Object.hasOwn(kinds, kind) ? kinds[kind as keyof typeof kinds] : undefined;
  if (known) return new known(message);
  return Object.assign(new Error(message), code === undefined ? {} : { code });
}
