/** A redirect that does not say, in a way one can use, where it leads. Asking again would not mend it. */
export class UnusableRedirect extends Error {
  readonly code = 'EREDIRECT';
}

const statuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** A longer one has been cut off somewhere on its way as likely as not. */
const LONGEST = 8 * 1024;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Where an answer sends whoever asked: undefined if it sends nobody, the reason if it does not say where. */
export function redirectFrom(
  status: number,
  location: string | undefined,
  from: URL,
): URL | { readonly why: string } | undefined {
  if (status === 300 ? !location : !statuses.has(status)) return undefined;
  if (location === undefined) return { why: `status ${status} without a Location` };
  if (location.trim() === '') return { why: `status ${status} with an empty Location` };
  if (location.length > LONGEST)
    return { why: `status ${status} with a Location of ${location.length} bytes` };
  const text = fromBytes(location);
  if (text === undefined) return { why: `status ${status} with a Location that is not UTF-8` };
  if (!URL.canParse(text, from.href)) return { why: `status ${status} with a Location that is no address` };
  return new URL(text, from);
}

/** Node reads headers as Latin-1, and servers write UTF-8. */
function fromBytes(header: string): string | undefined {
  try {
    return utf8.decode(Buffer.from(header, 'latin1'));
  } catch {
    return undefined; // what the fatal decoder throws says no more than that
  }
}
