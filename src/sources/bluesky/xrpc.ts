import { AuthError, type OxbowError, SourceError } from '../../errors.ts';
import { shownAddress } from '../../shown.ts';
import { askFor, type Hearing, type Question, type Said, wordsOf } from '../hear.ts';
import { at } from '../json-path.ts';

/** A server that says no, by the name of its reason. */
export class Refused extends SourceError {
  readonly reason: string;
  readonly said: string;

  constructor(message: string, { reason, said, url }: { reason: string; said: string; url: string }) {
    super(message, { url });
    this.reason = reason;
    this.said = said;
  }
}

export interface Call<T> extends Pick<Question<T>, 'find' | 'lacks'> {
  readonly base: string;
  readonly method: string;
  readonly query: Readonly<Record<string, string | number | undefined>>;
  /** What else can be tried, as a sentence; it stands behind why nothing is given. */
  readonly hint?: string;
}

/** One question to a server of the network. Its reasons for a no have names. */
export function call<T>({ base, method, query, hint, find, lacks }: Call<T>, hearing: Hearing): Promise<T> {
  const given = Object.entries(query).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${encodeURIComponent(value)}`],
  );
  const url = `${base}/xrpc/${method}?${given.join('&')}`;
  return askFor({ url, find, lacks, refusal: (said) => refusalOf(said, hearing, hint) }, hearing);
}

/** By the name of the reason, or what is said of it. */
const reasons: readonly (readonly [RegExp, string])[] = [
  [/take[n ]*down/i, 'was taken down by moderators'],
  [/suspended/i, 'is suspended by moderators'],
  [/deactivated/i, 'is deactivated, which its owner can do and undo'],
  [/^blocked/i, 'cannot be seen here, for one account blocks another'],
  [
    /not ?found|could not find|unable to resolve|unknown/i,
    'is not known: it is gone, has another name by now, or is mistyped',
  ],
];

function refusalOf(said: Said, hearing: Hearing, hint: string | undefined): OxbowError | undefined {
  const { status, value } = said;
  const [reason, words] = ['error', 'message'].map((key) => at(value, [key]));
  const url = shownAddress(said.url);
  const rest = `status ${status}${wordsOf(reason, hearing)}${wordsOf(words, hearing)}`;
  const also = hint === undefined ? '' : ` ${hint}`;
  if (status === 401 || status === 403)
    return new AuthError(
      `${hearing.name} is shown to those alone who have signed in, which is not done here (${rest}).${also}`,
    );
  if (status >= 500) return undefined;
  const text = `${textOf(reason)} ${textOf(words)}`;
  const why = reasons.find(([pattern]) => pattern.test(text.trim()))?.[1] ?? 'cannot be listed';
  return new Refused(`${hearing.name} ${why} (${rest}).${also}`, {
    reason: textOf(reason),
    said: textOf(words),
    url,
  });
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value.slice(0, 1000) : '');
