import type { Listing, SourceContext } from '../source.ts';

export { claimsWxr } from './wxr-look.ts';

/** The export that WordPress itself makes: a file, a compressed one, a zip, or several that are one set. */
export async function openWxr(target: string, context: SourceContext): Promise<Listing> {
  const { openExport } = await import('./wxr-open.ts'); // loaded by whoever needs it
  return openExport(target, context);
}
