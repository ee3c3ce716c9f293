import type { In, Parcel } from '../model.ts';
import type { Gate } from '../net/gate.ts';
import { laneOf } from '../net/hosts.ts';
import { Parked } from '../net/lane.ts';
import { eitherOf } from '../net/stopping.ts';
import { lostHere } from './asked.ts';

/** Stage 1: a permit for the host. Asked to stop gently, a parcel that still waits is let go as it came. */
export function rateLimit(gate: Gate, { signal, stop }: { signal: AbortSignal; stop: AbortSignal }) {
  const either = eitherOf({ signal, stop });
  return async (parcel: In<'wanted'>): Promise<Parcel> => {
    try {
      const permit = await gate.permit(laneOf(parcel.location), either);
      return { ...parcel, state: 'admitted', permit };
    } catch (error) {
      if (error instanceof Parked) return lostHere(parcel, error.reason);
      if (stop.aborted && !signal.aborted) return parcel;
      throw error;
    }
  };
}
