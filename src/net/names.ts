import dns, { type LookupAddress } from 'node:dns';

/** There is no such host, and that is no sign of a dead network, for another name has resolved of late. */
export class NoSuchHost extends Error {
  readonly code = 'ENOSUCHHOST';
}

/** Nobody looks names up any more, not even one that resolved a moment ago. */
export class NoNetwork extends Error {
  readonly code = 'ENONETWORK';
}

/** So long one name that resolved speaks for the network. */
const FRESH = 5 * 60_000;

export type Lookup = (host: string, options: { family: 0 | 4 | 6 }) => Promise<readonly LookupAddress[]>;

/** Looks names up, and knows what it means when that fails. */
export interface Names {
  readonly lookup: Lookup;
  /** What a failed look-up comes to; `again` looks another name up, with a clock of its own. */
  explain(host: string, error: unknown, again: (witness: string) => Promise<unknown>): Promise<unknown>;
}

const systemLookup: Lookup = (host, options) =>
  dns.promises.lookup(host, { ...options, all: true, verbatim: true });

interface Resolved {
  readonly host: string;
  readonly at: number;
}

/** Remembers when a name last resolved: that tells a missing host and a sick name from a missing network. */
export function openNames(lookup: Lookup = systemLookup, now: () => number = () => performance.now()): Names {
  const never: Resolved = { host: '', at: Number.NEGATIVE_INFINITY };
  let latest = never;
  let other = never; // the latest of another name, for a name that vanishes must not speak for itself
  const isFresh = ({ at }: Resolved) => now() - at < FRESH;
  return {
    async lookup(host, options) {
      const found = await lookup(host, options);
      if (latest.host !== host) other = latest;
      latest = { host, at: now() };
      return found;
    },
    async explain(host, error, again) {
      const witness = latest.host === host ? other : latest;
      if (isMissing(error))
        return isFresh(witness) ? new NoSuchHost(`there is no host ${host}`, { cause: error }) : error;
      if (!isUnanswered(error)) return error;
      const isGone = isFresh(witness)
        ? await fails(again(witness.host))
        : latest.host === host && isFresh(latest);
      return isGone ? new NoNetwork(`no name can be looked up, ${host} among them`, { cause: error }) : error;
    },
  };
}

const isMissing = (error: unknown) => (error as NodeJS.ErrnoException).code === 'ENOTFOUND';

/** The resolver is out of reach or in trouble, or the time for it is over. */
const isUnanswered = (error: unknown) =>
  (error as NodeJS.ErrnoException).code === 'EAI_AGAIN' || (error as { event?: string }).event === 'lookup';

const fails = (asked: Promise<unknown>): Promise<boolean> =>
  asked.then(
    () => false,
    () => true,
  );
