/** One capture of an address, as the index of a web archive describes it; `-` stands for what it does not say. */
export interface Capture {
  /** YYYYMMDDhhmmss, or the beginning of it. */
  readonly timestamp: string;
  readonly original: string;
  readonly mimetype: string;
  readonly statuscode: string;
  /** SHA-1 of what was transferred, in base32. */
  readonly digest: string;
  /** Where the archive itself says that it lies. */
  readonly uri?: string;
}

/** A longer address could not be asked for. */
export const LONGEST = 8192;

/** The archive could not be asked: that proves no absence. */
export class WebArchiveError extends Error {}

/** Is it a time that an index may give? Anything else could lead elsewhere within the archive. */
export const isTimestamp = (text: string): boolean => /^\d{4,14}$/.test(text);

/** Capture time as the rest of the world writes it. */
export const timeOf = ({ timestamp }: Pick<Capture, 'timestamp'>): string =>
  (timestamp + '00000101000000'.slice(timestamp.length)).replace(
    /^(....)(..)(..)(..)(..)(..).*$/,
    '$1-$2-$3T$4:$5:$6Z',
  );

/** The same the other way round, from a date of HTTP; undefined for what is none. */
export function timestampOf(date: string | undefined): string | undefined {
  const ms = Date.parse(date ?? '');
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString().replace(/\D/g, '').slice(0, 14);
}

const labels = /^sha1:/i;

/** A digest in the one form that is compared: without a label, in capitals. */
export const plainDigest = (digest: string): string => digest.replace(labels, '').toUpperCase();
