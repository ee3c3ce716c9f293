import { Duplex, Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { In, Parcel, State } from '../model.ts';

/** What a stage does with a parcel in its state. */
export type Work<S extends State> = (parcel: In<S>) => Promise<Parcel>;

export interface Limits<S extends State> {
  /** How many works run at once. */
  readonly concurrency?: number;
  /** How many more parcels may wait inside for their turn. */
  readonly room?: number;
  /** What becomes of a parcel that finds no room; without it the stage takes nothing in until there is some. */
  readonly whenFull?: ((parcel: In<S>) => Parcel) | undefined;
}

/**
 * A stage: does `work` on parcels in `state`, in no order, and lets all others pass at once. All that is known
 * about streams lives here: bounded, waits for its works at the end and when destroyed, ends with their errors.
 */
export function on<S extends State>(state: S, work: Work<S>, limits: Limits<S> = {}): Duplex {
  return new Stage(state, work, limits);
}

/** The same steps as one function: each takes the parcel once, if it is in its state when its turn comes. */
export function through(steps: { readonly [S in State]?: Work<S> }): (parcel: Parcel) => Promise<Parcel> {
  return async (parcel) => {
    let current = parcel;
    for (const [state, step] of Object.entries(steps)) {
      if (current.state === state) current = await (step as Work<State>)(current as In<State>);
    }
    return current;
  };
}

export interface Ending {
  readonly signal: AbortSignal;
  /** Told at once when a stage fails, so that works in hand elsewhere need not be waited for to their end. */
  readonly failed?: (error: Error) => void;
}

/** `pipeline`, but settled only when all is closed: nobody pulls the vault from under a listing or works in hand. */
export async function flow(
  parcels: AsyncIterable<Parcel>,
  stages: readonly [...Duplex[], Writable],
  { signal, failed }: Ending,
): Promise<void> {
  const source = Readable.from(oneByOne(parcels), { highWaterMark: 1 });
  const all = [source, ...stages];
  const closed = all.map((stream) => new Promise<void>((resolve) => void stream.once('close', resolve)));
  if (failed) for (const stream of all) stream.once('error', failed);
  try {
    await pipeline(all, { signal });
  } finally {
    await Promise.all(closed);
  }
}

/** Ended from outside, a stream throws into its iterator; this one takes it, where a `yield*` over a list would not. */
async function* oneByOne(parcels: AsyncIterable<Parcel>): AsyncGenerator<Parcel> {
  for await (const parcel of parcels) yield parcel;
}

class Stage<S extends State> extends Duplex {
  readonly #state: S;
  readonly #work: Work<S>;
  readonly #concurrency: number;
  readonly #places: number;
  readonly #whenFull: ((parcel: In<S>) => Parcel) | undefined;
  readonly #inHand = new Set<Promise<void>>();
  readonly #waiting: In<S>[] = [];
  /** Finished or passing, not yet taken by the next stage. While there is one, nothing new is taken in. */
  readonly #ready: Parcel[] = [];
  #held: In<S> | undefined;
  #next: (() => void) | undefined;
  #end: (() => void) | undefined;
  #asked = false;

  constructor(state: S, work: Work<S>, { concurrency = 1, room = 0, whenFull }: Limits<S>) {
    super({ objectMode: true, highWaterMark: 1 }); // more would let parcels pile up between the stages
    this.#state = state;
    this.#work = work;
    this.#concurrency = concurrency;
    this.#places = concurrency + room;
    this.#whenFull = whenFull;
  }

  override _write(parcel: Parcel, _encoding: BufferEncoding, next: () => void): void {
    this.#next = next;
    if (parcel.state !== this.#state) this.#ready.push(parcel);
    else if (this.#hasRoom()) this.#waiting.push(parcel as In<S>);
    else if (this.#whenFull) this.#ready.push(this.#whenFull(parcel as In<S>));
    else this.#held = parcel as In<S>;
    this.#turn();
  }

  override _read(): void {
    this.#asked = true;
    this.#turn();
  }

  override _final(end: () => void): void {
    this.#end = end;
    this.#turn();
  }

  override _destroy(error: Error | null, closed: (error: Error | null) => void): void {
    void Promise.allSettled(this.#inHand).then(() => closed(error));
  }

  #hasRoom(): boolean {
    return this.#inHand.size + this.#waiting.length < this.#places;
  }

  /** One turn of the wheel: start what may start, hand on what is ready, take in what has room. */
  #turn(): void {
    if (this.destroyed) return;
    if (this.#held && this.#hasRoom()) {
      this.#waiting.push(this.#held);
      this.#held = undefined;
    }
    while (this.#waiting.length > 0 && this.#inHand.size < this.#concurrency)
      this.#start(this.#waiting.shift()!);
    while (this.#asked && this.#ready.length > 0) this.#handOn(this.#ready.shift()!);
    if (this.#ready.length > 0 || this.#held) return;
    if (this.#next) this.#takeMore();
    else if (this.#end && this.#inHand.size === 0) this.#close(this.#end);
  }

  #handOn(parcel: Parcel): void {
    this.#asked = false; // before the push, which may ask again from inside
    if (this.push(parcel)) this.#asked = true;
  }

  #takeMore(): void {
    const next = this.#next!;
    this.#next = undefined; // cleared before the call, for it re-enters _write
    next();
  }

  #close(end: () => void): void {
    this.#end = undefined;
    this.push(null);
    end();
  }

  #start(parcel: In<S>): void {
    const inHand: Promise<void> = this.#work(parcel)
      .then(
        (result) => void this.#ready.push(result),
        (error: Error) => void this.destroy(error),
      )
      .finally(() => {
        this.#inHand.delete(inHand);
        this.#turn();
      });
    this.#inHand.add(inHand);
  }
}
