import { sentence, systemCode } from '../errors.ts';
import type { Download, Outcome, Reason, ReasonCode } from '../model.ts';
import { retryAfter } from '../net/backoff.ts';
import type { News } from '../net/gate.ts';
import { signOf } from '../net/health.ts';
import { BeyondTheFirst } from '../net/http.ts';
import { isShutOut } from '../net/silence.ts';

/** What one attempt came to, before it is judged. */
export type Fact =
  | {
      readonly fact: 'whole';
      readonly download: Omit<Download, 'attempts' | 'pieces' | 'ms'>;
      readonly resumed: boolean;
    }
  | { readonly fact: 'status'; readonly status: number; readonly retryAfter: string | undefined }
  /** A web archive answered: with a capture of something else than the file, or in its own name. */
  | { readonly fact: 'archived'; readonly status: number; readonly isCapture: boolean }
  /** The web archive holds less of it than its server announced when it was captured. */
  | { readonly fact: 'cut-capture'; readonly announced: number; readonly received: number }
  | { readonly fact: 'restart'; readonly why: string }
  | {
      readonly fact: 'length';
      readonly announced: number;
      readonly received: number;
      readonly gained: number;
      readonly resumed: boolean;
    }
  /** The whole is there, and is not what the server itself announced. */
  | { readonly fact: 'digest'; readonly detail: string }
  /** What is held is what is there. */
  | { readonly fact: 'unchanged' }
  /** What is there is not what is held: it is asked for from its first byte. */
  | { readonly fact: 'changed'; readonly why: string }
  /** A page in answer to the question for the rest of something else. */
  | { readonly fact: 'page'; readonly type: string }
  | { readonly fact: 'too-large'; readonly bytes: number }
  | { readonly fact: 'undecodable'; readonly coding: string }
  | {
      readonly fact: 'error';
      readonly during: 'head' | 'body';
      readonly error: unknown;
      readonly gained: number;
      /** Did this answer go on from what was there? */
      readonly resumed: boolean;
    };

/**
 * The three answers of an attempt, a fourth for what this place has not (another may have it), and a fifth for what
 * is held already.
 */
export type Judgement =
  | Exclude<Outcome<Extract<Fact, { fact: 'whole' }>>, { outcome: 'retry' }>
  | Again
  | { readonly outcome: 'lost'; readonly reason: Reason }
  | { readonly outcome: 'unchanged' };

type Again = Extract<Outcome<never>, { outcome: 'retry' }> & {
  /** Tries that are worth while, where that is fewer than the options allow. */
  readonly tries?: number;
};

/** What a reason calls for: all tries that the options allow, or two; another place; or nothing at all. */
type Call = 'retry' | 'twice' | 'lost' | 'permanent';

function judge(code: ReasonCode, detail: string, call: Call, after?: number): Judgement {
  const reason = { code, detail };
  if (call === 'lost' || call === 'permanent') return { outcome: call, reason };
  return {
    outcome: 'retry',
    reason,
    ...(call === 'twice' && { tries: 2 }),
    ...(after !== undefined && { after }),
  };
}

/** One table for all that an attempt can come to. Pure: the clock is handed in for dates in Retry-After. */
export function classify(fact: Fact, now: number): Judgement {
  switch (fact.fact) {
    case 'whole':
      return { outcome: 'ok', value: fact };
    case 'status':
      return classifyStatus(fact.status, retryAfter(fact.retryAfter, now));
    case 'archived':
      return classifyArchived(fact);
    case 'cut-capture':
      return judge(
        'truncated',
        `${fact.received} bytes were captured, ${fact.announced} were announced`,
        'twice',
      );
    case 'unchanged':
      return { outcome: 'unchanged' };
    case 'changed':
    case 'restart':
      return judge('truncated', fact.why, 'retry');
    case 'length':
      return judge('truncated', `${fact.received} bytes came, ${fact.announced} were announced`, 'retry');
    case 'digest':
      return judge('digest', fact.detail, 'retry');
    case 'page':
      return judge('wrong-type', `${fact.type} in answer to a range`, 'lost');
    case 'too-large':
      return judge('refused-too-large', `${fact.bytes} bytes announced`, 'permanent');
    case 'undecodable':
      return judge('decode', `unknown coding '${fact.coding}'`, 'twice');
    case 'error':
      return classifyError(fact.error, fact.during);
  }
}

const ofStatus: ReadonlyMap<number, readonly [ReasonCode, Call]> = new Map<number, [ReasonCode, Call]>([
  [304, ['unexpected-status', 'retry']],
  [401, ['forbidden', 'lost']],
  [403, ['forbidden', 'lost']],
  [404, ['gone', 'lost']],
  [408, ['timeout', 'retry']],
  [410, ['gone', 'lost']],
  [420, ['rate-limited', 'retry']],
  [425, ['timeout', 'retry']],
  [429, ['rate-limited', 'retry']],
  [451, ['gone', 'lost']],
  [501, ['server-error', 'lost']],
  [505, ['server-error', 'lost']],
  [511, ['server-error', 'lost']],
]);

/** The other statuses by their hundreds; a success that is none may be a passing mood. */
const ofHundred: ReadonlyMap<number, readonly [ReasonCode, Call]> = new Map<number, [ReasonCode, Call]>([
  [3, ['unexpected-status', 'lost']],
  [4, ['unexpected-status', 'lost']],
  [5, ['server-error', 'retry']],
]);

function classifyStatus(status: number, after: number | undefined): Judgement {
  const [code, call] = ofStatus.get(status) ??
    ofHundred.get(Math.floor(status / 100)) ?? ['unexpected-status', 'retry'];
  // Who is refused for good is not told when to come back.
  if (status === 403 && after !== undefined) return judge('rate-limited', `status ${status}`, 'retry', after);
  return judge(code, `status ${status}`, call, after);
}

/** What was captured is not going to change, whatever its status would mean of a living server. */
function classifyArchived({ status, isCapture }: Extract<Fact, { fact: 'archived' }>): Judgement {
  if (!isCapture) return judge('not-a-capture', `status ${status}`, 'lost');
  const code = ofStatus.get(status)?.[0] === 'gone' ? 'gone' : 'wrong-type';
  return judge(code, `captured with status ${status}`, 'lost');
}

/** Where a reason is not simply tried again. */
const callOf: Partial<Record<ReasonCode, Call>> = {
  redirects: 'lost',
  'not-a-capture': 'lost',
  tls: 'lost',
  protocol: 'twice',
  'no-such-host': 'twice',
  lacking: 'lost',
  checksum: 'lost',
  'not-at-hand': 'lost',
};

function classifyError(error: unknown, during: 'head' | 'body'): Judgement {
  const code = reasonOf(error, during);
  const call = code.startsWith('refused-') ? 'permanent' : (callOf[code] ?? 'retry');
  return judge(code, sentence(error), call);
}

const byCode: Record<string, ReasonCode> = {
  EREFUSEDADDRESS: 'refused-private-address',
  EREFUSEDPORT: 'refused-port',
  EREFUSEDSCHEME: 'refused-scheme',
  EREFUSEDREDIRECT: 'not-a-capture',
  EREDIRECT: 'redirects',
  EPROXY: 'proxy',
  ETLSTIMEOUT: 'tls-timeout',
  EBOMB: 'refused-too-large',
  ETOOLARGE: 'refused-too-large',
  EDECODE: 'decode',
  EDAMAGED: 'checksum',
  ENOFILE: 'lacking',
  ENOFILES: 'not-at-hand',
  ESTALLED: 'stalled',
  ETOOSLOW: 'too-slow',
  ENOSUCHHOST: 'no-such-host',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  EAI_NODATA: 'dns',
  ENONETWORK: 'dns',
};

/** What of a connection took too long. */
const ofStep: Record<string, ReasonCode> = { lookup: 'dns', secureConnect: 'tls-timeout' };

function reasonOf(error: unknown, during: 'head' | 'body'): ReasonCode {
  for (let e = error; e instanceof Error; e = e.cause) {
    const known = byCode[(e as NodeJS.ErrnoException).code ?? ''];
    if (known) return known;
    if (e.name === 'TimeoutError') return ofStep[String((e as { event?: string }).event)] ?? 'timeout';
  }
  const code = systemCode(error) ?? '';
  const own = String((error as NodeJS.ErrnoException | null)?.code);
  if (/^(CERT_|UNABLE_|DEPTH_|SELF_|EPROTO)/.test(code) || /^ERR_(TLS|SSL)/.test(own)) return 'tls';
  if (code.startsWith('HPE_')) return 'protocol';
  return during === 'body' ? 'truncated' : 'connect';
}

/** What an attempt says about the host that was asked. */
export function newsOf(fact: Fact, judgement: Judgement): News {
  if (fact.fact === 'whole' || fact.fact === 'unchanged') return { sign: 'well', what: 'good' };
  if (fact.fact === 'archived') return { sign: 'well', what: 'an answer of the archive' };
  const reason = 'reason' in judgement ? judgement.reason : undefined;
  const what = reason?.detail ?? '';
  if (fact.fact === 'status') return signOf(fact.status, 'after' in judgement ? judgement.after : undefined);
  const isSilent = isUnanswered(fact) && silent.has(reason!.code);
  return isSilent ? { sign: 'silent', what, reason: reason! } : { sign: 'other', what };
}

/** Nothing at all came from the host that was asked; one that leads elsewhere has answered. */
export const isUnanswered = (fact: Fact): boolean =>
  fact.fact === 'error' && fact.during === 'head' && !(fact.error instanceof BeyondTheFirst);

const silent: ReadonlySet<ReasonCode> = new Set<ReasonCode>([
  'connect',
  'timeout',
  'dns',
  'no-such-host',
  'tls-timeout',
  'proxy',
]);

/** A web archive that is asked too much says so, or has shut the door. */
export const isBlock = (fact: Fact): boolean =>
  (fact.fact === 'status' && fact.status === 503) ||
  (fact.fact === 'error' && fact.during === 'head' && isShutOut(fact.error));

/** Hosts say so when they mean "not so fast", too. */
export const isRefusal = (fact: Fact): boolean =>
  fact.fact === 'status' && (fact.status === 403 || fact.status === 404);

const networkCodes = new Set(['ENETUNREACH', 'ENETDOWN', 'EADDRNOTAVAIL', 'ENONETWORK']);

/** Trouble that the network as a whole would make, too: no way out of this machine, or nobody to look up names. */
export const maybeNetwork = (fact: Fact): boolean =>
  isUnanswered(fact) && fact.fact === 'error' && networkCodes.has(systemCode(fact.error) ?? '');
