import { UsageError } from '../errors.ts';

/** Where something is in JSON: keys and positions, `*` for every element. */
export type Path = readonly string[];

export function readPath(text: string, setting: string): Path {
  const path = text.split('.').map((part) => part.trim());
  if (path.some((part) => part === ''))
    throw new UsageError(
      `'${text}' does not fit ${setting}: it takes a path such as posts or response.posts or photos.*.url.`,
    );
  return path;
}

/** All that stands at a path, in order. Own keys alone: `constructor` is a key like any other. */
export function pick(value: unknown, path: Path): readonly unknown[] {
  if (!path.includes('*')) {
    const found = at(value, path);
    return found === undefined ? [] : [found];
  }
  let found: readonly unknown[] = [value];
  for (const part of path)
    found = found.flatMap((inner) => (part === '*' ? elements(inner) : [at(inner, [part])]));
  return found.filter((inner) => inner !== undefined);
}

/** What stands at a path without `*`: a post is asked for dozens of fields that it does not have. */
export function at(value: unknown, path: Path): unknown {
  let found = value;
  for (const part of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, part)) return undefined;
    found = (found as JsonObject)[part];
  }
  return found;
}

export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const elements = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : isObject(value) ? Object.values(value) : [];

/** A whole number from 0 on, be it written as a text. */
export function wholeOf(value: unknown, most: number = Number.MAX_SAFE_INTEGER): number | undefined {
  const number = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value;
  const isSound = typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 && number <= most;
  return isSound ? number : undefined;
}

/** The first text at one of several paths. Numbers are text too: ids often are. */
export function textAt(value: unknown, paths: readonly Path[], most = 1000): string | undefined {
  for (const path of paths) {
    for (const found of pick(value, path)) {
      const text = textOf(found);
      if (text !== undefined && text.length <= most) return text;
    }
  }
  return undefined;
}

/** Feeds turned into JSON wrap their texts: `{"$t": …}`, WordPress `{"rendered": …}`. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim() || undefined;
  if (typeof value === 'number') return String(value);
  const inner = at(value, ['$t']) ?? at(value, ['rendered']);
  return typeof inner === 'string' ? textOf(inner) : undefined;
}

/** How large a picture is said to be at a path, in points; nothing for what cannot be. */
export function measureIn(value: unknown, path: Path = []): { width?: number; height?: number } {
  const [width, height] = ['width', 'height'].map((key) => wholeOf(at(value, [...path, key]), mostPoints));
  return { ...(width && { width }), ...(height && { height }) };
}

const mostPoints = 1_000_000;
