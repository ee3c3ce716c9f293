import { sentence, systemCode } from '../errors.ts';
import type { Download, Outcome, Reason, ReasonCode } from '../model.ts';
import { retryAfter } from '../net/backoff.ts';

/** What one attempt came to, before it is judged. */
export type Fact =
  | {
      readonly fact: 'whole';
      readonly download: Omit<Download, 'attempts' | 'pieces' | 'ms'>;
      readonly resumed: boolean;
    }
  | { readonly fact: 'status'; readonly status: number; readonly retryAfter: string | undefined }
  | { readonly fact: 'restart'; readonly why: string }
  | {
      readonly fact: 'length';
      readonly announced: number;
      readonly received: number;
      readonly gained: number;
      readonly resumed: boolean;
    }
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

/** The three answers of an attempt, and a fourth for what this place has not: another may have it. */
export type Judgement =
  | Outcome<Extract<Fact, { fact: 'whole' }>>
  | { readonly outcome: 'lost'; readonly reason: Reason };

const lost = (code: ReasonCode, detail: string): Judgement => ({ outcome: 'lost', reason: { code, detail } });
const retry = (code: ReasonCode, detail: string, after?: number): Judgement => ({
  outcome: 'retry',
  reason: { code, detail },
  ...(after !== undefined && { after }),
});
const permanent = (code: ReasonCode, detail: string): Judgement => ({
  outcome: 'permanent',
  reason: { code, detail },
});

/** One table for all that an attempt can come to. Pure: the clock is handed in for dates in Retry-After. */
export function classify(fact: Fact, now: number): Judgement {
  switch (fact.fact) {
    case 'whole':
      return { outcome: 'ok', value: fact };
    case 'status':
      return classifyStatus(fact.status, retryAfter(fact.retryAfter, now));
    case 'restart':
      return retry('truncated', fact.why);
    case 'length':
      return retry('truncated', `${fact.received} bytes came, ${fact.announced} were announced`);
    case 'too-large':
      return permanent('refused-too-large', `${fact.bytes} bytes announced`);
    case 'undecodable':
      return lost('decode', `unknown coding '${fact.coding}'`);
    case 'error':
      return classifyError(fact.error, fact.during);
  }
}

const definiteNo: Record<number, ReasonCode> = {
  401: 'forbidden',
  403: 'forbidden',
  404: 'gone',
  410: 'gone',
  451: 'gone',
};

function classifyStatus(status: number, after: number | undefined): Judgement {
  const detail = `status ${status}`;
  const no = definiteNo[status];
  if (no) return lost(no, detail);
  if (status === 429 || status === 420) return retry('rate-limited', detail, after);
  if (status === 408 || status === 425) return retry('timeout', detail, after);
  if (status === 501 || status === 505 || status === 511) return lost('server-error', detail);
  if (status >= 500) return retry('server-error', detail, after);
  // A redirect that arrives here leads nowhere: the client followed all that say where to.
  if (status >= 400 || [301, 302, 303, 307, 308].includes(status)) return lost('unexpected-status', detail);
  return retry('unexpected-status', detail, after);
}

const byName: Record<string, ReasonCode> = {
  TimeoutError: 'timeout',
  MaxRedirectsError: 'redirects',
  TooLarge: 'refused-too-large',
};
const byCode: Record<string, ReasonCode> = {
  EREFUSEDADDRESS: 'refused-private-address',
  EREFUSEDREDIRECT: 'not-a-capture',
  ERR_UNSUPPORTED_PROTOCOL: 'refused-scheme',
  ERR_INVALID_URL: 'refused-scheme',
  ESTALLED: 'stalled',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  EAI_NODATA: 'dns',
};

function classifyError(error: unknown, during: 'head' | 'body'): Judgement {
  const detail = sentence(error);
  const code = reasonOf(error, during);
  if (code.startsWith('refused-')) return permanent(code, detail);
  if (code === 'redirects' || code === 'not-a-capture' || code === 'tls') return lost(code, detail);
  return retry(code, detail);
}

function reasonOf(error: unknown, during: 'head' | 'body'): ReasonCode {
  for (let e = error; e instanceof Error; e = e.cause) {
    const known =
      byName[e.name] ?? byName[e.constructor.name] ?? byCode[(e as NodeJS.ErrnoException).code ?? ''];
    if (known) return known;
  }
  const code = systemCode(error) ?? '';
  const own = String((error as NodeJS.ErrnoException | null)?.code);
  if (/^(CERT_|UNABLE_|DEPTH_|SELF_|EPROTO)/.test(code) || /^ERR_(TLS|SSL)/.test(own)) return 'tls';
  if (code.startsWith('HPE_')) return 'protocol';
  if (code.startsWith('Z_') || own.startsWith('ERR__ERROR_')) return 'decode'; // of gzip and of brotli
  return during === 'body' ? 'truncated' : 'connect';
}
