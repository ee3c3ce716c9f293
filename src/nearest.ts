/** `; did you mean 'verify'?` where a known word is near enough to be meant, else nothing. */
export function suggestion(given: string, known: readonly string[]): string {
  const near = nearest(given, known);
  return near === undefined ? '' : `; did you mean '${near}'?`;
}

/** The known word that a person may have meant: at most a third of its letters apart. */
export function nearest(given: string, known: readonly string[]): string | undefined {
  const scored = known.map((word) => ({ word, far: distance(given.toLowerCase(), word.toLowerCase()) }));
  scored.sort((a, b) => a.far - b.far);
  const best = scored[0];
  return best && best.far <= Math.max(1, Math.floor(best.word.length / 3)) ? best.word : undefined;
}

/** Edits between two words, a swap of neighbours counting as one. */
function distance(a: string, b: string): number {
  let [before, last, row]: [number[], number[], number[]] = [
    [],
    Array.from({ length: b.length + 1 }, (_, j) => j),
    [],
  ];
  for (let i = 1; i <= a.length; i++) {
    row = [i];
    for (let j = 1; j <= b.length; j++) {
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(
        last[j]! + 1,
        row[j - 1]! + 1,
        last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1),
        swapped ? before[j - 2]! + 1 : Number.POSITIVE_INFINITY,
      );
    }
    [before, last] = [last, row];
  }
  return last[b.length]!;
}
