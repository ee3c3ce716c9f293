import type { Location } from '../model.ts';
import { handOver, isHandedOver } from '../net/hosts.ts';

/** An address as a place to be asked, or as one of which the source itself hands over the bytes. */
export const locationAt = (kind: 'live' | 'alternate', url: string): Location =>
  isHandedOver(url) ? { kind: 'adopted', url, lane: handOver } : { kind, url };
