/**
 * OxbowError              code, cause
 *  ├── UsageError         ERR_USAGE    exit 2   bad option, no source for this target
 *  ├── SourceError        ERR_SOURCE   exit 3   the listing cannot be read
 *  ├── QuotaError         ERR_QUOTA    exit 4   a quota ended the run; says when it comes back
 *  ├── AuthError          ERR_AUTH     exit 5   credentials lacking or refused
 *  ├── StorageError       ERR_STORAGE  exit 6   disk, lock, manifest or ledger
 *  └── TransferError      ERR_TRANSFER exit 1   a single download came to nothing
 *
 * Thrown only when the run cannot go on: trouble with one item is a value and ends in the manifest.
 */
export class OxbowError extends Error {
  readonly code: string = 'ERR_OXBOW';
  readonly exitCode: number = 70;

  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
  }
}

export class UsageError extends OxbowError {
  override readonly code = 'ERR_USAGE';
  override readonly exitCode = 2;
}

export class SourceError extends OxbowError {
  override readonly code = 'ERR_SOURCE';
  override readonly exitCode = 3;
  readonly url: string | undefined;

  constructor(message: string, options?: { cause?: unknown; url?: string }) {
    super(message, options);
    this.url = options?.url;
  }
}

export class QuotaError extends OxbowError {
  override readonly code = 'ERR_QUOTA';
  override readonly exitCode = 4;
  /** Who asks for it, and why: the message says besides until when. */
  readonly why: string;
  /** When the run can go on, ISO 8601. */
  readonly resumes: string;

  constructor(why: string, options: { cause?: unknown; resumes: string }) {
    super(`${why}: go on after ${options.resumes}.`, options);
    this.why = why;
    this.resumes = options.resumes;
  }
}

/** Says which source, what was refused and what can be done; never the secret itself. */
export class AuthError extends OxbowError {
  override readonly code = 'ERR_AUTH';
  override readonly exitCode = 5;
}

export class StorageError extends OxbowError {
  override readonly code = 'ERR_STORAGE';
  override readonly exitCode = 6;
}

export class TransferError extends OxbowError {
  override readonly code = 'ERR_TRANSFER';
  override readonly exitCode = 1;
  /** The reason code that a manifest would bear. */
  readonly reason: string;

  constructor(message: string, reason: string, options?: { cause?: unknown }) {
    super(message, options);
    this.reason = reason;
  }
}

/** What a source threw: its own failure is trouble with the source, too, and names it. */
export const ofSource = (source: string, error: unknown): OxbowError =>
  error instanceof OxbowError
    ? error
    : new SourceError(`The source ${source} failed: ${sentence(error)}.`, { cause: error });

/** The system's own code of an error (ENOSPC, ECONNRESET …), looked for along its causes. */
export function systemCode(error: unknown): string | undefined {
  for (let e = error; e instanceof Error; e = e.cause) {
    const { code } = e as NodeJS.ErrnoException;
    if (
      typeof code === 'string' &&
      /^(E[A-Z0-9]+|EAI_[A-Z]+|CERT_\w+|UNABLE_\w+|DEPTH_\w+|SELF_\w+|HPE_\w+|Z_\w+)$/.test(code)
    )
      return code;
  }
  return undefined;
}

/** One sentence for a person, of whatever was thrown. */
export function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
