import type { GivenOptions } from '../options.ts';
import { type Choice, inWords } from '../sources/choose.ts';
import { sources } from '../sources/index.ts';
import type { Source } from '../sources/source.ts';
import { survey } from '../world.ts';
import type { SourcesFlags } from './sources.ts';
import { printable, wrapped } from './words.ts';

const width = () => Math.min(process.stdout.columns || 80, 120);

/** What there is to choose from. */
export function sourceLines({ json }: SourcesFlags): readonly string[] {
  if (json) return [JSON.stringify(sources.map(factsOf))];
  return [
    ...sources.flatMap(entryOf),
    ...wrapped(
      'Which of them takes a target, why, and what its settings mean: oxbow sources TARGET. --source NAME chooses another.',
      width(),
    ),
  ];
}

function entryOf(source: Source): readonly string[] {
  const { name, takes, settings, unsure } = source;
  const keys = Object.keys(settings).map((key) => `sources.${name}.${key}`);
  return [
    ...wrapped(`${name}${unsure === undefined ? '' : ' (experimental)'}`, width()),
    ...indented(takes),
    ...(unsure === undefined ? [] : indented(`Not sure: ${unsure}`)),
    ...(keys.length > 0 ? indented(`Settings: ${keys.join(', ')}`) : []),
    '',
  ];
}

const factsOf = ({ name, takes, settings, breadth = 'platform', unsure, secret }: Source) => ({
  name,
  takes,
  breadth,
  settings,
  ...(unsure !== undefined && { unsure }),
  ...(secret && { key: `sources.${name}.${secret.key}` }),
});

/** Which source takes a target and why, and which others could. */
export async function choiceLines(
  target: string,
  given: GivenOptions,
  { json }: SourcesFlags,
): Promise<readonly string[]> {
  const { chosen, others, doubts } = await survey(target, given);
  const troubles = doubts.map(inWords);
  if (json) return [JSON.stringify({ target, chosen: told(chosen), others: others.map(told), troubles })];
  const { source, why } = chosen;
  const { unsure, settings } = source;
  const keys = Object.entries(settings);
  return [
    ...wrapped(printable(`${target} is taken by the source ${source.name}: ${why}.`), width()),
    ...(unsure === undefined ? [] : indented(`It is experimental: ${unsure}`)),
    ...others.flatMap((other) => indented(`--source ${other.source.name} would take it, too: ${other.why}.`)),
    ...troubles.flatMap((trouble) => indented(`Asked in vain: ${trouble}`)),
    ...(keys.length > 0 ? ['', `Settings of ${source.name} (-o KEY=VALUE):`] : []),
    ...keys.flatMap(([key, what]) => indented(`sources.${source.name}.${key}: ${what}`)),
  ];
}

const told = ({ source, target, why }: Choice) => ({ source: source.name, opens: target, why });

const indented = (text: string): readonly string[] => wrapped(`  ${printable(text)}`, width());
