import { Worker } from 'node:worker_threads';
import { OxbowError, ofSource, SourceError, sentence } from '../../errors.ts';
import type { Progress } from '../../progress.ts';
import { quoted } from '../../shown.ts';
import type { ListingWay, SourceContext } from '../source.ts';
import { cappedWarnings, type Warnings } from '../warnings.ts';
import { Bodies } from './bodies.ts';
import type { Facts, Given, Reply } from './crossing.ts';
import { Line } from './line.ts';

/** Megabytes of its own that a source may hold. */
const mostMemory = 512;

interface Hosting {
  readonly named: string;
  readonly context: SourceContext;
}

/**
 * Our side of a source that is none of ours. It runs in a thread: what it does to globals is done to its own, what ends
 * the process ends the thread, and what never ends is ended once it has neither asked nor answered for too long.
 */
export class Host {
  readonly #worker: Worker;
  readonly #line: Line;
  readonly #hosting: Hosting;
  readonly #bodies = new Bodies();
  readonly #ways = new Map<string, ListingWay | undefined>();
  readonly #warnings: Warnings;
  #silence: NodeJS.Timeout | undefined;
  #end: OxbowError | undefined;
  facts!: {
    readonly name: string;
    readonly takes: string;
    readonly settings: Readonly<Record<string, string>>;
  };

  private constructor(module: string, hosting: Hosting) {
    this.#hosting = hosting;
    this.#warnings = cappedWarnings(hosting.context.report, hosting.named);
    const given: Given = { module, hooks: new URL('./hooks.js', import.meta.url).href };
    this.#worker = new Worker(new URL('./guest.js', import.meta.url), {
      workerData: given,
      env: ownEnvironment(),
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: mostMemory },
    });
    this.#line = new Line(this.#worker, this.#answers());
    this.#worker.unref(); // it holds the process as long as something is asked of it
    this.#worker.on('message', (message) => this.#hears(message));
    this.#worker.on('error', (error) => this.#over(`failed: ${reasonOf(error)}`, error));
    this.#worker.on('exit', (code) =>
      this.#over(`ended by itself in the middle of the run (exit code ${code})`),
    );
    for (const stream of [this.#worker.stdout, this.#worker.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => this.#says(text));
  }

  static async start(module: string, hosting: Hosting): Promise<Host> {
    const host = new Host(module, hosting);
    try {
      host.facts = await host.ask('describe');
      return host;
    } catch (error) {
      await host.end();
      throw error instanceof OxbowError ? error : ofSource(hosting.named, error);
    }
  }

  /** The port is within its reach: it may say on it what is none of our questions and answers. */
  #hears(message: unknown): void {
    try {
      this.#line.heard(message as Parameters<Line['heard']>[0]);
      this.#watch();
    } catch (error) {
      this.#over(`says what nobody understands: ${sentence(error)}`, error);
      void this.#worker.terminate();
    }
  }

  /** Throws SourceError where the source has come to an end of its own. */
  async ask<T>(name: string, given?: unknown): Promise<T> {
    if (this.#end) throw this.#end;
    this.#worker.ref();
    const answer = this.#line.ask<T>(name, given);
    this.#watch();
    try {
      return await answer;
    } finally {
      this.#watch();
    }
  }

  note(name: string, given: unknown): void {
    this.#line.note(name, given);
  }

  open(target: string): Promise<Facts> {
    const { settings, reach } = this.#hosting.context;
    return this.ask('open', { target, settings: ownSettings(settings, this.facts.name), reach });
  }

  async begin(cursor: unknown, way: ListingWay | undefined): Promise<string> {
    const { leaveOut: _, isHeld, ...plain } = way ?? {};
    const number = await this.ask<string>('begin', {
      cursor,
      way: way && { ...plain, knows: isHeld !== undefined },
    });
    this.#ways.set(number, way);
    return number;
  }

  async leave(number: string): Promise<void> {
    this.#ways.delete(number);
    if (!this.#end) await this.ask('leave', number).catch(() => undefined); // it has failed before, and was heard
  }

  /** It may say goodbye; whether it does or not, it ends. */
  async end(): Promise<void> {
    try {
      if (!this.#end && this.facts) await this.ask('close');
    } finally {
      this.#over('was ended');
      this.#warnings.close();
      await this.#worker.terminate();
    }
  }

  /** What the source may ask of us. */
  #answers() {
    const { context } = this.#hosting;
    return {
      fetch: async ({ url, headers, taken }: Asking): Promise<Reply> => {
        const takes =
          taken.length > 0 ? ({ status }: { status: number }) => taken.includes(status) : undefined;
        const { status, headers: said, url: at, body } = await context.fetch(url, headers, takes);
        return { status, headers: { ...said }, url: at, body: this.#bodies.keep(body) };
      },
      read: (body: string) => this.#bodies.read(body),
      drop: (body: string) => this.#bodies.drop(body),
      isHeld: async ({ number, post }: { readonly number: string; readonly post: string }) =>
        (await this.#ways.get(number)?.isHeld?.(post)) ?? false,
      leaveOut: ({ number, why }: { readonly number: string; readonly why: string }) =>
        this.#ways.get(number)?.leaveOut?.(quoted(why, 1000)),
      report: (event: Progress) => this.#reports(event),
    };
  }

  /** A source tells what a person should know, and what it could not read; nothing of what the run itself tells. */
  #reports(event: Progress): void {
    if (event.event === 'unread') this.#hosting.context.report({ event: 'unread' });
    else if (event.event === 'warning') this.#warnings.warn(String(event.message).slice(0, 2000));
  }

  #says(text: string): void {
    for (const line of text.split('\n').filter((one) => one.trim() !== ''))
      this.#warnings.warn(`The source ${this.#hosting.named} says: ${line.slice(0, 500)}`);
  }

  /** It has so long for a next word where nothing that it asked for is under way. */
  #watch(): void {
    clearTimeout(this.#silence);
    if (!this.#line.isWaiting) this.#worker.unref();
    if (!this.#line.isUpToTheOther) return;
    const { patience = usualPatience } = this.#hosting.context;
    const why = `neither asks nor answers for ${Math.round(patience / 1000)} s: it was ended`;
    this.#silence = setTimeout(() => {
      this.#over(why);
      void this.#worker.terminate();
    }, patience);
  }

  #over(how: string, cause?: unknown): void {
    clearTimeout(this.#silence);
    this.#end ??= new SourceError(`The source ${this.#hosting.named} ${how}.`, { cause });
    this.#line.fail(this.#end);
    this.#bodies.close();
  }
}

const usualPatience = 120_000;

interface Asking {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly taken: readonly number[];
}

/** Keys of other sources are none of its business. */
const ownSettings = (settings: SourceContext['settings'], name: string) =>
  Object.fromEntries(Object.entries(settings).filter(([key]) => key.startsWith(`sources.${name}.`)));

const ownEnvironment = () =>
  Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith('OXBOW_')));

function reasonOf(error: unknown): string {
  return (error as NodeJS.ErrnoException)?.code === 'ERR_WORKER_OUT_OF_MEMORY'
    ? `it took more than ${mostMemory} MB of memory`
    : sentence(error);
}
