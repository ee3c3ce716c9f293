import { archive } from '../../../src/archiving.ts';
import { type Behaviour, behaves, serves } from '../../../src/demo/behaviours.ts';
import { SourceError } from '../../../src/errors.ts';
import type { Summary } from '../../../src/model.ts';
import type { GivenOptions } from '../../../src/options.ts';
import type { Progress } from '../../../src/progress.ts';
import { quick } from '../../helpers/archives.ts';
import type { Running } from '../../helpers/fake-blog.ts';
import { type TestContext, testContext } from '../../helpers/source-suite.ts';

export interface Ran {
  readonly summary: Summary | undefined;
  readonly error: (Error & { readonly code: string }) | undefined;
  readonly events: readonly Progress[];
  readonly warnings: readonly string[];
}

/** One run over a site; what it came to, or what it ended with. */
export async function run(target: string, directory: string, given: GivenOptions = {}): Promise<Ran> {
  const events: Progress[] = [];
  const running = archive(target, {
    ...quick,
    directory,
    ...given,
    report: (event) => {
      events.push(event);
      given.report?.(event);
    },
  });
  const ended = await running.finished.then(
    (summary) => ({ summary, error: undefined }),
    (error) => ({ summary: undefined, error }),
  );
  const warnings = events.flatMap((one) => (one.event === 'warning' ? [one.message] : []));
  return { ...ended, events, warnings };
}

export const text = (body: string, type = 'text/html', status = 200): Behaviour =>
  behaves(({ response }) => void response.writeHead(status, { 'content-type': type }).end(body));

/** A page with links and pictures. */
export const page = (
  title: string,
  links: readonly string[] = [],
  pictures: readonly string[] = [],
): Behaviour =>
  text(
    `<title>${title}</title><p>${title}</p>${links.map((to) => `<a href="${to}">go</a>`).join('')}${pictures.map((src) => `<img src="${src}">`).join('')}`,
  );

export const picture = (bytes: Buffer): Behaviour => serves(bytes, { type: 'image/jpeg' });

export const sitemap = (entries: readonly (readonly [loc: string, lastmod?: string])[]): string =>
  `<urlset>${entries.map(([loc, lastmod]) => `<url><loc>${loc}</loc>${lastmod ? `<lastmod>${lastmod}</lastmod>` : ''}</url>`).join('')}</urlset>`;

/** What a server was asked for, in order, from the nth request on. */
export const paths = ({ requests }: Running, from = 0): readonly string[] =>
  requests.slice(from).map(({ path }) => path);

/** A context whose requests fail as those of a run do. */
export function contextOf(given: Parameters<typeof testContext>[0] = {}): TestContext {
  const context = testContext(given);
  const fetch: TestContext['fetch'] = (url, headers) =>
    context.fetch(url, headers).catch((cause) => {
      throw new SourceError(`Cannot reach ${url}.`, { cause });
    });
  return { ...context, fetch };
}
