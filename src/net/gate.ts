import type { Permit } from '../model.ts';
import type { Report } from '../progress.ts';
import { Lane, type LaneLimits, type Waiter } from './lane.ts';

export interface GateOptions extends LaneLimits {
  /** Places over all lanes. */
  readonly concurrency: number;
  /** Permits over all lanes, resting ones among them. */
  readonly inHand: number;
  /** Lanes with limits of their own, by name. */
  readonly lanes?: Readonly<Record<string, LaneLimits>>;
  readonly report?: Report;
}

/**
 * Bounds what is in flight. A permit for a lane (a host, or a service that several hosts make up) is given when
 * the lane's pause is over, a place there is free, a token is drawn, and a place over all is free; lanes that
 * wait for such a place take turns. Who waits for a token or a pause holds no place over all.
 */
export class Gate {
  readonly #options: GateOptions;
  readonly #lanes = new Map<string, Lane>();
  /** Lanes that may have something to give, in the order of their turns. */
  readonly #turns = new Set<Lane>();
  /** Lanes that wait until a permit is released. */
  readonly #crowded = new Set<Lane>();
  #speaking = 0;
  #permits = 0;
  #roomFor = 256;
  #turning = false;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  async permit(name: string, signal?: AbortSignal): Promise<Permit> {
    const lane = this.#lane(name);
    await this.#place(lane, { isNew: true, signal });
    let [hasPlace, isReleased] = [true, false];
    const rest = () => {
      if (!hasPlace) return;
      hasPlace = false;
      lane.leave();
      this.#speaking--;
      this.#offer(lane);
    };
    return {
      clear: async (signal) => {
        while (!hasPlace || lane.rests) {
          rest(); // a lane that pauses must not take places from the others
          await this.#place(lane, { isNew: false, signal });
          hasPlace = true;
        }
      },
      rest,
      release: () => {
        if (isReleased) return;
        isReleased = true;
        lane.permits--;
        this.#permits--;
        rest();
        this.#offer(...this.#crowded);
      },
    };
  }

  /** Nobody is let through to the lane for so long. A shorter pause never shortens a longer one. */
  pause(name: string, ms: number, why: string): void {
    const lane = this.#lane(name);
    if (!lane.pause(ms)) return;
    this.#options.report?.({ event: 'pause', host: name, ms, why });
  }

  /** A server asked for time, and perhaps said how much: it asks on behalf of its whole lane and its kin. */
  askedToWait(name: string, after: number | undefined, why: string): void {
    const limits = this.#limits(name);
    const ms = after ?? limits.silence;
    if (ms === undefined) return;
    for (const lane of [name, ...(limits.kin ?? [])]) this.pause(lane, ms, why);
  }

  /** How many lanes are remembered. */
  get size(): number {
    return this.#lanes.size;
  }

  async close(): Promise<void> {
    for (const lane of this.#lanes.values()) await lane.close();
    this.#lanes.clear();
  }

  #limits(name: string): LaneLimits {
    return this.#options.lanes?.[name] ?? this.#options;
  }

  #lane(name: string): Lane {
    const known = this.#lanes.get(name);
    if (known) return known;
    if (this.#lanes.size >= this.#roomFor) this.#sweep();
    const lane: Lane = new Lane(this.#limits(name), () => this.#offer(lane));
    this.#lanes.set(name, lane);
    return lane;
  }

  #place(lane: Lane, { isNew, signal }: { isNew: boolean; signal: AbortSignal | undefined }): Promise<void> {
    signal?.throwIfAborted();
    return new Promise((resolve, reject) => {
      const withdraw = () => {
        lane.withdraw(waiter);
        reject(signal!.reason);
      };
      const grant = () => {
        signal?.removeEventListener('abort', withdraw);
        resolve();
      };
      const waiter: Waiter = { isNew, grant };
      signal?.addEventListener('abort', withdraw, { once: true });
      lane.join(waiter);
      this.#offer(lane);
    });
  }

  #offer(...lanes: Lane[]): void {
    for (const lane of lanes) this.#turns.add(lane);
    if (this.#turning) return;
    this.#turning = true;
    for (const lane of this.#turns) {
      if (this.#speaking >= this.#options.concurrency) break;
      this.#turns.delete(lane);
      this.#crowded.delete(lane);
      const isRoom = this.#permits < this.#options.inHand;
      if (lane.mayGive(isRoom)) this.#give(lane);
      else if (!isRoom && lane.waits) this.#crowded.add(lane);
    }
    this.#turning = false;
  }

  #give(lane: Lane): void {
    const waiter = lane.give();
    this.#speaking++;
    if (waiter.isNew) {
      this.#permits++;
      lane.permits++;
    }
    waiter.grant();
    if (lane.waits) this.#turns.add(lane); // at the end: the others come first
  }

  /** Idle lanes with a full bucket are as good as new ones, so they need not be remembered. */
  #sweep(): void {
    for (const [name, lane] of this.#lanes) {
      if (!lane.isIdle()) continue;
      this.#lanes.delete(name);
      void lane.close();
    }
    this.#roomFor = Math.max(256, this.#lanes.size * 2);
  }
}
