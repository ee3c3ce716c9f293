import type { Source } from '../source.ts';
import { nameIfAny, nameOfFiles, withoutPrefix } from '../target.ts';
import { settings } from './settings.ts';
import { claimsBluesky, claimsCar, isCarPath, nameOfPlace, readTarget } from './target.ts';

/** An account on Bluesky or elsewhere in its network, one post of it, or its export. */
export const bluesky: Source = {
  name: 'bluesky',
  takes:
    'an account on Bluesky: bluesky: and its handle, its page or its id (did:…); also a post, an export (.car)',
  settings,
  claims: (target) => claimsBluesky(target) || claimsCar(withoutPrefix('bluesky', target)),
  nameOf(target) {
    const path = withoutPrefix('bluesky', target);
    return isCarPath(path) ? nameOfFiles(path) : nameIfAny(() => nameOfPlace(readTarget(target)));
  },
  async open(target, context) {
    const { openBluesky } = await import('./open.ts'); // loaded by whoever archives from Bluesky, and by nobody else
    return openBluesky(target, context);
  },
};
