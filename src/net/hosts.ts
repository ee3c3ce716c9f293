import type { Location } from '../model.ts';

/** Whose permit a request to this location needs: its host's, or that of the service it belongs to. */
export function laneOf(location: Location): string {
  return location.lane ?? hostOf(location.url);
}

/** The lane of an address; what is no address gets one too, and fails when it is asked. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'nowhere';
}
