/** A value without what stands at these paths (dotted, `*` for every entry). What is not there is no matter. */
export function withoutPassing(value: unknown, paths: readonly string[] = []): unknown {
  return pruned(
    value,
    paths.map((path) => path.split('.')),
  );
}

function pruned(value: unknown, paths: readonly (readonly string[])[]): unknown {
  if (paths.length === 0 || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((entry, n) => pruned(entry, below(paths, String(n))));
  const kept = Object.entries(value).flatMap(([key, entry]) => {
    const deeper = below(paths, key);
    return deeper.some((path) => path.length === 0) ? [] : [[key, pruned(entry, deeper)]];
  });
  return Object.fromEntries(kept);
}

/** What is left of the paths that lead through this key. */
const below = (paths: readonly (readonly string[])[], key: string) =>
  paths.filter(([first]) => first === key || first === '*').map(([, ...rest]) => rest);
