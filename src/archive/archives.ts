import type { LaneLimits } from '../net/lane.ts';
import { cdxArchive } from './cdx.ts';
import { mementoArchive } from './memento.ts';
import { wayback } from './wayback.ts';
import type { WebArchive } from './web-archive.ts';

export interface ArchivesOptions {
  readonly recovery: boolean;
  readonly wayback: string;
  readonly memento: readonly string[];
  readonly cdx: readonly string[];
}

/** The web archives that are asked, in this order; each has its host for a name, the Internet Archive apart. */
export function openArchives(options: ArchivesOptions): WebArchive[] {
  if (!options.recovery) return [];
  const names = new Set<string>();
  const nameOf = (base: string): string => {
    const { host, pathname } = new URL(base);
    const name = names.has(host) ? host + pathname : host; // two collections of one archive
    names.add(name);
    return name;
  };
  return [
    wayback(options.wayback),
    ...[...new Set(options.memento)].map((base) => mementoArchive(nameOf(base), base)),
    ...[...new Set(options.cdx)].map((text) => cdxArchive(nameOf(text.split(' ')[0]!), readCdx(text))),
  ];
}

/** `INDEX` or `INDEX REPLAY`: pywb has the index of a collection at its end, by one of these names. */
function readCdx(text: string): { index: string; replay: string } {
  const [index = '', replay = index.replace(/[-/](cdx|index)$/, '')] = text.split(' ');
  return { index, replay };
}

export interface LimitOptions {
  readonly perHost: number;
  readonly waybackIndexRate: number;
  readonly waybackReplayRate: number;
  readonly waybackPause: number;
}

/** Silences kept in vain, one after another, before a web archive is left alone for a while. */
const PATIENCE = 2;

/** What the gate lets through to each web archive; its two services rest together. */
export function limitsOf(
  archives: readonly WebArchive[],
  { perHost: places, waybackIndexRate, waybackReplayRate, waybackPause: silence }: LimitOptions,
): Record<string, LaneLimits> {
  const service = { burst: null, places, silence, patience: PATIENCE };
  const lanes = archives.flatMap(({ lanes: { index, replay } }) => [
    [index, { ...service, rate: waybackIndexRate, kin: [replay] }] as const,
    [replay, { ...service, rate: waybackReplayRate, kin: [index] }] as const,
  ]);
  return Object.fromEntries(lanes);
}
