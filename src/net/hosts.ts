import type { Location } from '../model.ts';

/** Whose permit a request to this location needs: its host's, or that of the service it belongs to. */
export function laneOf(location: Location): string {
  return location.lane ?? hostOf(location.url);
}

/** The lane of an address; what is no address gets one too, and fails when it is asked. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'nowhere';
}

/**
 * Such addresses are none of the web: what lies there is handed over by the source itself, out of an export. They
 * name a place in the export and never one on this machine.
 */
export const isHandedOver = (url: string): boolean => url.startsWith('export:');

/** One lane for all that is handed over: no host is asked for it, but the places over all bound it too. */
export const handOver = 'export';
