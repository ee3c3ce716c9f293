import type { Permit, Reason } from '../model.ts';
import type { Report } from '../progress.ts';
import { Health, type Remedy, type Sign } from './health.ts';
import { Lane, type LaneLimits, type Parked, type Waiter } from './lane.ts';

export interface GateOptions extends LaneLimits {
  /** Places over all lanes. */
  readonly concurrency: number;
  /** Permits over all lanes, resting ones among them. */
  readonly inHand: number;
  /** Lanes with limits of their own, by name. */
  readonly lanes?: Readonly<Record<string, LaneLimits>>;
  /** The longest wait that a server may ask for; beyond it nobody waits. */
  readonly retryAfterMax: number;
  /** How often a host that does not answer is still asked, one at a time, and how long before the first. */
  readonly probes: number;
  readonly probeAfter: number;
  readonly probeMax: number;
  /** How long a host that does not answer at all is left alone. */
  readonly hostRest: number;
  readonly report?: Report;
}

/** What was heard of a host, and in words: `429`, or why there was no answer. */
export interface News {
  readonly sign: Sign;
  readonly what: string;
  /** For a silent one: what those are told that would have asked next. */
  readonly reason?: Reason;
}

/**
 * Bounds what is in flight. A permit for a lane (a host, or a service that several hosts make up) is given when
 * the lane's pause is over, a place there is free, a token is drawn, and a place over all is free; lanes that
 * wait for such a place take turns. Who waits for a token or a pause holds no place over all. It hears how each
 * host answers, asks slower what complains, and leaves alone what does not answer.
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

  /** Throws `Parked` where it is of no use to wait. */
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
        while (!hasPlace || lane.rests || lane.parked) {
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

  /**
   * A server asked for time, and perhaps said how much: it asks on behalf of its whole lane and its kin. What is too
   * long to wait for is left to a later run: then it says so.
   */
  askedToWait(name: string, after: number | undefined, why: string): Parked | undefined {
    const limits = this.#limits(name);
    const ms = after ?? limits.silence;
    if (ms === undefined) return undefined;
    const isTooLong = (after ?? 0) > this.#options.retryAfterMax;
    const isInVain = this.#lane(name).isTiredOf(limits.patience ?? Number.POSITIVE_INFINITY);
    const rest = isTooLong ? ms : this.#options.hostRest;
    if (isTooLong || isInVain) this.park(name, rest, { code: 'rate-limited', detail: why });
    else for (const lane of [name, ...(limits.kin ?? [])]) this.pause(lane, ms, why);
    return this.#lane(name).parked;
  }

  /** Nobody is let through for so long, and nobody need wait for it. */
  park(name: string, ms: number, reason: Reason): void {
    for (const lane of [name, ...(this.#limits(name).kin ?? [])]) {
      if (this.#lane(lane).parked) continue;
      this.#lane(lane).park(ms, reason);
      this.#options.report?.({ event: 'parked', host: lane, ms, why: reason.detail });
    }
  }

  /** What came of a request, once its place is given back. */
  heard(name: string, { sign, what, reason }: News): void {
    const lane = this.#lane(name);
    this.#follow(name, lane, lane.hear(sign, what), reason);
    this.#offer(lane);
  }

  /** Something else than its answers tells that a host wants to be asked less. */
  slow(name: string, why: string): void {
    const lane = this.#lane(name);
    this.#follow(name, lane, lane.slow(why));
  }

  #follow(name: string, lane: Lane, remedy: Remedy | undefined, reason?: Reason): void {
    if (remedy?.do === 'slow' || remedy?.do === 'recover') {
      const change = remedy.do === 'slow' ? 'halved' : 'doubled';
      this.#options.report?.({ event: 'pace', host: name, change, rate: lane.rate ?? null, why: remedy.why });
    } else if (remedy?.do === 'probe') {
      lane.pause(remedy.after);
    } else if (remedy?.do === 'give up' && reason) {
      this.park(name, this.#options.hostRest, reason);
    }
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
    const health = new Health(this.#options);
    const lane: Lane = new Lane(this.#limits(name), health, () => this.#offer(lane));
    this.#lanes.set(name, lane);
    return lane;
  }

  #place(lane: Lane, { isNew, signal }: { isNew: boolean; signal: AbortSignal | undefined }): Promise<void> {
    signal?.throwIfAborted();
    const { parked } = lane;
    if (parked) return Promise.reject(parked);
    return new Promise((resolve, reject) => {
      const withdraw = () => {
        lane.withdraw(waiter);
        reject(signal!.reason);
      };
      const grant = () => {
        signal?.removeEventListener('abort', withdraw);
        resolve();
      };
      const refuse = (why: Parked) => {
        signal?.removeEventListener('abort', withdraw);
        reject(why);
      };
      const waiter: Waiter = { isNew, grant, refuse };
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
