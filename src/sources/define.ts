import { UsageError } from '../errors.ts';
import type { Source } from './source.ts';

/** What a source of one's own has to say; the rest may be left out. */
export type OwnSource = Pick<Source, 'name' | 'open'> & Partial<Source>;

/** A source of one's own: checked, and filled in. */
export function defineSource(given: OwnSource): Source {
  const fault = faultIn(given);
  if (fault !== undefined) throw new UsageError(`That is no source: ${fault}.`);
  return { takes: `what the source ${given.name} takes`, settings: {}, claims: () => true, ...given };
}

function faultIn(given: unknown): string | undefined {
  if (typeof given !== 'object' || given === null)
    return 'the module has to export one as its default (export default defineSource({ … }))';
  const { name, open, claims, settings } = given as Partial<Record<keyof Source, unknown>>;
  if (typeof name !== 'string' || !/^[a-z][\w-]{0,39}$/.test(name))
    return 'its name has to be one word of small letters';
  if (typeof open !== 'function') return `${name} has no function open`;
  if (claims !== undefined && typeof claims !== 'function') return `the claims of ${name} is no function`;
  const isTable =
    settings === undefined ||
    (typeof settings === 'object' &&
      settings !== null &&
      Object.values(settings).every((one) => typeof one === 'string'));
  return isTable ? undefined : `the settings of ${name} are no table of keys, each with what it is for`;
}
