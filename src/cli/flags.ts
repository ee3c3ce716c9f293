import { type Command, Option } from 'commander';
import { type Option as AnyOption, table } from '../option-table.ts';
import { type GivenOptions, type OptionName, readAssignment, readOption } from '../options.ts';
import { netrcFile, proxiesOf } from './environment.ts';

const names = Object.keys(table) as OptionName[];

/** Adds the options of the table to a command; each reads its text as the table says. */
export function addOptions(command: Command): Command {
  for (const name of names) {
    const { flags, help, shown }: AnyOption<unknown> = table[name];
    if (!flags) continue;
    const flag = new Option(flags, shown ? `${help} (default ${shown})` : help);
    if (/[<[]/.test(flags)) flag.argParser((text: string, before: unknown) => collect(name, text, before));
    command.addOption(flag);
  }
  return addAssignments(command);
}

/** Adds `-o`, by which everything can be set. */
export function addAssignments(command: Command): Command {
  return command.option(
    '-o <key=value>',
    'any option by its name, or a setting of a source (sources.json.url=…)',
    (text: string, before: string[] = []) => [...before, text],
  );
}

/** A list grows with every mention; anything else is replaced. */
function collect(name: OptionName, text: string, before: unknown): unknown {
  const value = readOption(name, text);
  return Array.isArray(value) && Array.isArray(before) && Array.isArray(table[name].default)
    ? [...(before as unknown[]), ...(value as unknown[])]
    : value;
}

/** What was set on the command line, as the library takes it. `-o` gives way to a flag of its own. */
export function givenOptions(parsed: Record<string, unknown>): GivenOptions {
  const flagged = Object.fromEntries(
    names.filter((name) => parsed[name] !== undefined).map((name) => [name, parsed[name]]),
  );
  for (const name of names) {
    const { flags = '' }: AnyOption<unknown> = table[name];
    if (flags.startsWith('--no-') && flagged[name] === true) delete flagged[name]; // commander's default, not a choice
  }
  const assigned = ((parsed.o as string[] | undefined) ?? []).map(readAssignment);
  const settings = Object.assign({}, ...assigned.map((one) => one.settings ?? {})) as Record<string, string>;
  if (flagged.netrc === true) flagged.netrc = netrcFile(process.env);
  const given: GivenOptions = { ...Object.assign({}, ...assigned), ...flagged, settings };
  return { ...proxiesOf(process.env, given), ...given };
}
