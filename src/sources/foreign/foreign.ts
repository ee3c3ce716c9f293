import { createRequire } from 'node:module';
import { isAbsolute, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UsageError } from '../../errors.ts';
import type { Page } from '../../model.ts';
import { quoted } from '../../shown.ts';
import type { Listing, ListingWay, Source, SourceContext } from '../source.ts';
import { kindOfEntry } from '../target.ts';
import type { Facts } from './crossing.ts';
import { Host } from './host.ts';

/** Is it a module rather than the name of a source? */
export const isModule = (named: string): boolean =>
  /^\.{0,2}\//.test(named) || /\.[cm]?js$/.test(named) || moduleOf(named) !== undefined;

/** A source that is none of ours, by the file or the package that holds it. It runs in a thread of its own. */
export async function foreignSource(named: string, context: SourceContext): Promise<Source> {
  const module = moduleOf(named);
  if (module === undefined)
    throw new UsageError(`There is no source at ${quoted(named, 200)}: neither a file nor a package.`);
  const host = await Host.start(module, { named, context });
  const { name, takes, settings } = host.facts;
  return {
    ...{ name, takes, settings },
    claims: () => true, // it was named
    open: async (target) => opened(await host.open(target), host, context),
  };
}

/** The address of the module: a file as seen from here, or a package that is installed here. */
function moduleOf(named: string): string | undefined {
  const path = isAbsolute(named) ? named : resolve(named);
  if (kindOfEntry(path) === 'file') return pathToFileURL(path).href;
  if (!/^(@[\w.-]+\/)?[\w.-]+$/.test(named)) return undefined;
  try {
    return pathToFileURL(createRequire(join(process.cwd(), 'package.json')).resolve(named)).href;
  } catch {
    return undefined; // nothing of that name is installed here
  }
}

function opened(facts: Facts, host: Host, { signal }: SourceContext): Listing {
  const { name, trusted, listedAs, isUnchecked, isNewestFirst, hasLarger } = facts;
  signal.addEventListener('abort', () => host.note('abort', 'the run was stopped'), { once: true });
  return {
    ...{ name, trusted },
    ...(listedAs !== undefined && { listedAs }),
    ...(isUnchecked && { isUnchecked }),
    ...(isNewestFirst && { isNewestFirst }),
    ...(hasLarger && { larger: (item) => host.ask('larger', item) }),
    pages: (cursor, way) => pagesOf(host, cursor, way),
    async close() {
      await host.end();
    },
  };
}

async function* pagesOf(host: Host, cursor: unknown, way: ListingWay | undefined): AsyncGenerator<Page> {
  const number = await host.begin(cursor, way);
  try {
    for (;;) {
      const next = await host.ask<IteratorResult<Page> | undefined>('next', number);
      if (next?.done) return;
      if (!next) throw new TypeError('it gives neither a page nor an end');
      yield next.value;
    }
  } finally {
    await host.leave(number);
  }
}
