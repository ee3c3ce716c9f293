import { AuthError, type OxbowError, QuotaError, SourceError } from '../../errors.ts';
import { counted, shownAddress } from '../../shown.ts';
import { type Hearing, hear, wordsOf } from '../hear.ts';
import { at, elements, isObject, type JsonObject } from '../json-path.ts';
import type { SourceContext } from '../source.ts';
import type { Warnings } from '../warnings.ts';
import { type Bucket, bucketsIn, endOf, refillOf, resumptionOf } from './quota.ts';

export interface ApiWay {
  /** Of the API, without a slash at the end. */
  readonly base: string;
  readonly key: string;
  /** What is listed, as it stands in sentences. */
  readonly name: string;
  readonly context: Pick<SourceContext, 'fetch' | 'signal'>;
  readonly warnings: Warnings;
}

export type Query = Readonly<Record<string, string | number | undefined>>;

/** What an answer came to: its content, a refusal with its status, or nothing that makes sense. */
type Heard =
  | { readonly response: unknown }
  | { readonly status: number; readonly said: JsonObject }
  | { readonly nonsense: string };

/** The API v2. The key stands in the addresses that it asks, and nowhere else. */
export class Api {
  readonly #way: ApiWay;
  readonly #hearing: Hearing;
  #buckets: readonly Bucket[] = [];

  constructor(way: ApiWay) {
    this.#way = way;
    this.#hearing = { ...way, secrets: [way.key] };
  }

  /** The `response` of a call, in which `find` has found what it looks for; what has it not is asked for once more. */
  async ask<T>(path: string, query: Query, find: (response: unknown) => T | undefined): Promise<T> {
    const url = this.#address(path, query);
    let why = '';
    for (let attempt = 1; attempt <= 2; attempt++) {
      this.#checkQuota();
      const heard = await this.#hear(url);
      if ('status' in heard) throw this.#refusal(heard, url);
      const found = 'response' in heard ? find(heard.response) : undefined;
      if (found !== undefined) return found;
      why = 'nonsense' in heard ? heard.nonsense : 'has no posts in it, nor says that there are none';
    }
    throw this.#unlisted(`its API answered twice, and the answer ${why}`, url);
  }

  /** Says, before most of the work is done, that the quota ends before the listing does. */
  foresee(calls: number): void {
    const end = endOf(calls, this.#buckets);
    if (end === undefined) return;
    const left = Math.min(...this.#buckets.map((bucket) => bucket.left));
    this.#way.warnings.warn(
      `Listing ${this.#way.name} takes about ${counted(calls, 'more call')} of the API, and the key has ${left.toLocaleString('en')} left: it cannot be through before the quota comes back. --wait waits for that; without it the next run goes on from there. Continued as soon as the quota allows, it is through about ${spelt(end)}.`,
    );
  }

  #address(path: string, query: Query): string {
    const url = new URL(`${this.#way.base}${path}`);
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) url.searchParams.set(name, String(value));
    url.searchParams.set('api_key', this.#way.key);
    return url.href;
  }

  /** A call that can only be refused is not made. */
  #checkQuota(): void {
    const now = Date.now();
    const refill = refillOf(this.#buckets.filter(({ resets }) => resets > now));
    if (refill !== undefined) throw this.#spent(refill);
  }

  async #hear(url: string): Promise<Heard> {
    const answer = await hear(url, this.#hearing);
    const now = Date.now();
    this.#buckets = bucketsIn(answer, now);
    const { value, nonsense } = answer;
    const heard = nonsense === undefined ? envelopeIn(value, answer.status) : { nonsense };
    const status = 'status' in heard ? heard.status : answer.status;
    if (status === 429) throw this.#spent(resumptionOf(answer, now));
    return status === 200 || 'status' in heard ? heard : { status, said: {} };
  }

  #refusal({ status, said }: Extract<Heard, { status: number }>, url: string): OxbowError {
    const { name } = this.#way;
    const why = `(${status}${this.#wordsOf(said)})`;
    const codes = elements(said.errors).map((one) => Number(at(one, ['code'])));
    if (status === 401)
      return new AuthError(
        `Tumblr refuses the API key ${why}, so ${name} cannot be listed. The setting sources.tumblr.key holds it; 'oxbow auth tumblr' stores and tests another one.`,
      );
    if (status === 403)
      return new AuthError(
        `Tumblr does not show ${name} to this API key ${why}: it is private or behind a password, or the key is refused. 'oxbow auth tumblr' stores and tests another key.`,
      );
    if (codes.includes(4012))
      return new AuthError(
        `Tumblr shows ${name} within the dashboard alone ${why}, to people who are signed in; an API key does not suffice. Its owner can open it to all, or export it: Oxbow reads the export.`,
      );
    if (status === 404 || status === 410)
      return new Unknown(
        `Tumblr does not know ${name} ${why}: it is gone or has been renamed, or the name is mistyped. A blog that is gone may be in the web archive: wayback: and its host.`,
        { url: shownAddress(url) },
      );
    return this.#unlisted(`its API refuses ${why}`, url);
  }

  /** What the answer says for itself, without the key, should it be so kind as to repeat it. */
  #wordsOf({ meta, response, errors }: JsonObject): string {
    const words = [
      typeof response === 'string' ? response : at(elements(errors)[0], ['detail']),
      at(meta, ['msg']),
    ];
    return words.map((text) => wordsOf(text, this.#hearing)).find((text) => text !== '') ?? '';
  }

  #spent(until: number): QuotaError {
    const resumes = new Date(Math.ceil(until / 1000) * 1000).toISOString();
    return new QuotaError('The quota of the API key for Tumblr is spent', { resumes });
  }

  #unlisted(why: string, url: string): SourceError {
    return new SourceError(`${this.#way.name} cannot be listed: ${why}.`, { url: shownAddress(url) });
  }
}

/** It is not there under this name. */
export class Unknown extends SourceError {}

/** The status inside counts, if there is one: behind a proxy or a callback all is 200 outside. */
function envelopeIn(value: unknown, outside: number): Heard {
  if (!isObject(value)) return { nonsense: 'is no envelope of the API' };
  const inside = Number(at(value, ['meta', 'status']));
  const status = Number.isInteger(inside) && inside >= 100 && inside < 600 ? inside : outside;
  if (status === 200) return { response: value.response };
  return status >= 500 && outside === 200
    ? { nonsense: `says of itself that it is ${status}` }
    : { status, said: value };
}

const spelt = (time: number): string => `${new Date(time).toISOString().slice(0, 16)}Z`;
