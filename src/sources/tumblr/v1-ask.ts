import { AuthError, QuotaError, SourceError } from '../../errors.ts';
import { retryAfter } from '../../net/backoff.ts';
import type { Answer } from '../../net/http.ts';
import { shownAddress } from '../../shown.ts';
import { boundedText, typeOf } from '../answer.ts';
import { Unreadable } from '../json-stream.ts';
import type { SourceContext } from '../source.ts';
import type { Warnings } from '../warnings.ts';
import type { OwnHosts } from './addresses.ts';
import { isGone, readV1Json, type V1Page } from './v1-json.ts';
import { readV1Xml } from './v1-xml.ts';

export interface V1Way {
  readonly context: Pick<SourceContext, 'fetch' | 'signal'>;
  readonly warnings: Warnings;
  /** Only in JSON, or only in XML; by default JSON is asked for first, and XML where that is none. */
  readonly json?: boolean | undefined;
  readonly tag?: string | undefined;
  /** One post alone. */
  readonly id?: string | undefined;
  /** How many bytes an answer may have. */
  readonly largest?: number | undefined;
  readonly ownHosts?: OwnHosts | undefined;
}

type Form = 'json' | 'xml';

/** How many posts an answer has at most. */
export const num = 50;
const hour = 3_600_000;
const paths = { json: '/api/read/json', xml: '/api/read' } as const;
const readers = { json: readV1Json, xml: readV1Xml } as const;
const login = /^\/(login|login_required|register|signup|safe-mode|dashboard|privacy\/consent)(\/|$)/;

/** Asks the public API of one blog; what it says in place of posts becomes an error, never an empty blog. */
export class V1Asker {
  readonly #base: string;
  readonly #way: V1Way;
  /** The form in which posts came. */
  #form: Form | undefined;
  #isDamaged = false;

  constructor(base: string, way: V1Way) {
    this.#base = base;
    this.#way = way;
  }

  /** What is no answer is asked for once more, in the other form as long as none is known to work. */
  async ask(start: number): Promise<V1Page> {
    const { json } = this.#way;
    const form = this.#form ?? (json === undefined ? undefined : json ? 'json' : 'xml');
    const forms: readonly Form[] = form ? [form, form] : ['json', 'xml'];
    let last: SourceError | undefined;
    for (const [nth, form] of forms.entries()) {
      const found = await this.#askIn(form, start, nth === 0 && forms[1] !== form);
      if (!(found instanceof SourceError)) {
        this.#form = form;
        return found;
      }
      last = found;
    }
    throw last!;
  }

  /** Throws what asking again would not mend; what it might is given back. */
  async #askIn(form: Form, start: number, mayBeOther: boolean): Promise<V1Page | SourceError> {
    const address = this.#address(form, start);
    const name = shownAddress(address);
    const answer = await this.#way.context.fetch(
      address,
      { 'accept-encoding': 'gzip' },
      ({ status }) => status === 429,
    );
    const trouble = this.#troubleOf(answer, name);
    if (trouble) {
      answer.body.destroy();
      if (mayBeOther && [404, 410].includes(answer.status)) return trouble as SourceError;
      throw trouble;
    }
    if (typeOf(answer) === 'text/html') {
      answer.body.destroy();
      return this.#noPosts(name, 'its server answers with a web page (text/html)');
    }
    return this.#read(answer, { form, start, name });
  }

  #address(form: Form, start: number): string {
    const { tag, id } = this.#way;
    const query = new URLSearchParams(id === undefined ? { start: String(start), num: String(num) } : { id });
    if (tag !== undefined) query.set('tagged', tag);
    if (form === 'json') query.set('debug', '1');
    return `${this.#base}${paths[form]}?${query}`;
  }

  #troubleOf({ status, headers, url }: Answer, name: string): Error | undefined {
    if (status === 429) {
      const resumes = new Date(
        Date.now() + (retryAfter(headers['retry-after'], Date.now()) ?? hour),
      ).toISOString();
      const host = new URL(url).host;
      return new QuotaError(`${host} asks us to come back later (status 429)`, {
        resumes,
      });
    }
    if (status === 401 || status === 403)
      return new AuthError(`${name} refuses to show its posts: its server answers ${status}; ${remedy}`);
    if (status === 200 && login.test(new URL(url).pathname))
      return new AuthError(
        `${name} can only be seen within the dashboard of Tumblr: its server leads to a page for signing in; ${remedy}`,
      );
    if (status === 404 || status === 410) return this.#gone(`its server answers ${status}`);
    return status === 200
      ? undefined
      : new SourceError(`${name} cannot be listed: its server answers ${status}.`, { url: name });
  }

  async #read(
    answer: Answer,
    { form, start, name }: { readonly form: Form; readonly start: number; readonly name: string },
  ): Promise<V1Page | SourceError> {
    const { signal } = this.#way.context;
    try {
      const { text, isDamaged } = await boundedText(answer, { most: this.#way.largest, signal, name });
      const page = readers[form](text);
      if (isGone(page.blog) && page.posts.length === 0) throw this.#gone('it has neither a name nor posts');
      if (this.#way.id !== undefined && page.posts.length === 0) throw this.#gone('it shows none');
      if (isDamaged) this.#tellDamage(name);
      if (start > 0 || page.posts.length > 0 || !page.total) return page;
      return this.#noPosts(name, `it says that it has ${page.total} posts, and shows none`);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof Gone) throw error;
      if (error instanceof SourceError) return error;
      if (error instanceof Unreadable)
        return this.#noPosts(name, `what its server answers ${error.message}`, error);
      throw error;
    }
  }

  #tellDamage(name: string): void {
    if (!this.#isDamaged)
      this.#way.warnings.warn(`${name} is not all UTF-8: what is not was replaced by U+FFFD.`);
    this.#isDamaged = true;
  }

  #noPosts(name: string, why: string, cause?: unknown): SourceError {
    return new SourceError(
      `${name} cannot be listed: ${why}. Where a blog is shown to those alone who are signed in, ${remedy}`,
      { cause, url: name },
    );
  }

  #gone(why: string): Gone {
    const { host } = new URL(this.#base);
    const post = this.#way.id === undefined ? '' : ', or has no such post';
    return new Gone(
      `${host} is gone, or has another name now${post}: ${why}. What web archives have of it is listed by wayback:${host}.`,
      { url: shownAddress(this.#base) },
    );
  }
}

/** That there is no blog is an answer: asking again changes nothing. */
class Gone extends SourceError {}

const remedy =
  'an API key (the setting sources.tumblr.key) or the cookies of a browser that is signed in (-C) may help.';
