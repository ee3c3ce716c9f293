import { SourceError } from '../../errors.ts';
import type { MediaItem, Rendition } from '../../model.ts';
import type { SourceContext } from '../source.ts';
import type { Warnings } from '../warnings.ts';
import { identityOf, NoAccount } from './identity.ts';
import { blobAddress, blobOf } from './items.ts';
import type { BlueskySettings } from './settings.ts';

const mostHeld = 1000;

/**
 * What somebody else has posted lies on a server that only the directory knows. It is asked right before the download, once
 * an account: nobody is asked about what is held already.
 */
export function openLarger(settings: BlueskySettings, context: SourceContext) {
  const servers = new Map<string, Promise<string>>();
  const warnings: Warnings = { warn: () => undefined, skip: () => undefined, close: () => undefined };
  const serverOf = (did: string): Promise<string> => {
    const known = servers.get(did);
    if (known) return known;
    const found = identityOf(did, settings, { name: `The account ${did}`, context, warnings }).then(
      ({ pds }) => pds,
    );
    found.catch(() => servers.delete(did)); // whoever asks is told; another day it may be known
    servers.set(did, found);
    if (servers.size > mostHeld) servers.delete(servers.keys().next().value!);
    return found;
  };
  return async (item: MediaItem): Promise<Rendition | undefined> => {
    const blob = blobOf(item.id);
    if (!blob) throw new SourceError('An item that is no blob has no server of its own.');
    const server = await serverOf(blob.did).catch((error) => {
      if (error instanceof NoAccount) return undefined; // that is an answer: what is left of it is the reduced picture
      throw error;
    });
    return server === undefined ? undefined : { url: blobAddress(server, blob.did, blob.cid) };
  };
}
