import type { In, Parcel, ReasonCode } from '../model.ts';
import { laneOf } from '../net/hosts.ts';

/** What a host may say of everything: a blog that was deleted has nothing left. */
const plain: ReadonlySet<ReasonCode> = new Set<ReasonCode>(['gone', 'no-such-host', 'placeholder']);

/** So many wait for a word in their favour; of a host that says it of more, it is not believed this time. */
const MOST = 1000;

/**
 * A login page, or a refusal, in place of what is held is believed only of a host that gives other things in the same
 * run: else it may be the door of a hotel's network, or a host that lets nobody in today.
 */
export class Hearsay {
  readonly #sound = new Set<string>();
  #waiting: In<'settled'>[] = [];

  /** This host has given something that is held, or something new. */
  gave({ location }: Parcel): void {
    this.#sound.add(laneOf(location));
  }

  /** Is the mark on what is held not to be believed yet? */
  isOpen(parcel: In<'settled'>): boolean {
    const { gone } = parcel.record;
    if (!gone || plain.has(gone.code) || this.#sound.has(laneOf(parcel.location))) return false;
    if (this.#waiting.length < MOST) this.#waiting.push(parcel);
    return true;
  }

  /** Those whose host has given something since. */
  proven(): readonly In<'settled'>[] {
    const proven = this.#waiting.filter(({ location }) => this.#sound.has(laneOf(location)));
    this.#waiting = this.#waiting.filter((parcel) => !proven.includes(parcel));
    return proven;
  }
}
