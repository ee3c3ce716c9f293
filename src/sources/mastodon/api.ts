import { AuthError, type OxbowError, QuotaError, SourceError } from '../../errors.ts';
import type { Answer } from '../../net/http.ts';
import { shownAddress } from '../../shown.ts';
import { typeOf } from '../answer.ts';
import { askFor, type Hearing, resetIn, type Said, wordsOf } from '../hear.ts';
import { isObject, wholeOf } from '../json-path.ts';
import type { SourceContext } from '../source.ts';
import type { Warnings } from '../warnings.ts';

export interface ApiWay {
  /** Of the server, without a slash at the end. */
  readonly base: string;
  readonly token: string | undefined;
  /** What is listed, as it stands in sentences. */
  readonly name: string;
  readonly context: Pick<SourceContext, 'fetch' | 'signal'>;
  readonly warnings: Warnings;
}

export type Query = Readonly<Record<string, string | number | undefined>>;

/** It is not there: neither an account nor a post of this name. */
export class Unknown extends SourceError {}

/** It is shown to those who are signed in, and the server says so by leading to its login. */
export class LoginOnly extends AuthError {}

/** The API of one server. The token stands in the headers of what it is asked, and nowhere else. */
export class Api {
  readonly base: string;
  readonly host: string;
  readonly hearing: Hearing;
  readonly hasToken: boolean;
  /** Until when no call is answered any more. */
  #spentUntil = 0;

  constructor({ base, token, name, context, warnings }: ApiWay) {
    this.base = base;
    this.host = new URL(base).host;
    this.hasToken = token !== undefined;
    const { fetch } = context;
    this.hearing = {
      ...{ name, warnings },
      context: { ...context, fetch: async (...words) => this.#heard(await fetch(...words)) },
      headers: {
        accept: 'application/json',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      secrets: token === undefined ? [] : [token],
    };
  }

  /** What `find` finds in the answer of a call; what has it not is asked for once more. */
  async ask<T>(
    path: string,
    query: Query,
    find: (value: unknown, said: Said) => T | undefined,
    lacks = 'is none of those that servers like Mastodon give',
  ): Promise<T> {
    const now = Date.now();
    if (this.#spentUntil > now) throw this.#spent();
    const refusal = (said: Said) => this.#refusal(said);
    return askFor({ url: this.#address(path, query), find, refusal, lacks }, this.hearing);
  }

  #address(path: string, query: Query): string {
    const url = new URL(`${this.base}${path}`);
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) url.searchParams.set(name, String(value));
    return url.href;
  }

  /** A server that leads to its login refuses, whatever its status says; one that is spent is left alone. */
  #heard(answer: Answer): Answer {
    const { headers } = answer;
    if (wholeOf(String(headers['x-ratelimit-remaining'] ?? '')) === 0) {
      const now = Date.now();
      this.#spentUntil = now + (resetIn(headers, now) ?? 0);
    }
    return isLogin(answer) ? { ...answer, status: loginStatus, body: answer.body } : answer;
  }

  #spent(): QuotaError {
    const resumes = new Date(Math.ceil(this.#spentUntil / 1000) * 1000).toISOString();
    return new QuotaError(`${this.host} answers no more calls for the moment`, { resumes });
  }

  #refusal(said: Said): OxbowError | undefined {
    const { status, value, url } = said;
    const { name } = this.hearing;
    const why = `(${status === loginStatus ? 'it leads to its login' : status}${this.#wordsOf(value)})`;
    if (status === loginStatus) return new LoginOnly(this.#closed(why));
    if (status === 401 || status === 403) return new AuthError(this.#closed(why));
    if (status === 404)
      return new Unknown(
        `${this.host} does not know ${name} ${why}: it is gone or has another name, or it is closed to others.`,
        { url: shownAddress(url) },
      );
    if (status === 410)
      return new SourceError(`${name} is gone ${why}: it was suspended or deleted.`, {
        url: shownAddress(url),
      });
    return undefined;
  }

  #closed(why: string): string {
    const { name } = this.hearing;
    if (this.hasToken)
      return `${this.host} refuses the token, or does not show ${name} to its owner ${why}. 'oxbow auth mastodon' stores and tests another one.`;
    return `${this.host} shows ${name} to those alone who are signed in ${why}. 'oxbow auth mastodon' says how to get a token of your own, and stores it; the setting is sources.mastodon.token, as HOST=TOKEN. Whom the account belongs to can also export it: Oxbow reads the archive.`;
  }

  #wordsOf(value: unknown): string {
    return isObject(value) ? wordsOf(value.error, this.hearing) : '';
  }
}

/** No server gives it; it stands for a page to log in that was sent in place of an answer. */
const loginStatus = 499;

const isLogin = (answer: Answer): boolean =>
  answer.status === 200 &&
  typeOf(answer) === 'text/html' &&
  /\/(?:login|sign_in|signin)\/?$/i.test(new URL(answer.url).pathname);
