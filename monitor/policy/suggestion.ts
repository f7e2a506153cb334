/** ` Did you mean "pause"?` when one of `known` is close to `written`, else nothing. */
export function didYouMean(written: string, known: readonly string[]): string {
  const nearest = closest(written, known);
  return nearest === undefined ? '' : ` Did you mean "${nearest}"?`;
}

function closest(written: string, known: readonly string[]): string | undefined {
  if (written.length > 64) return undefined;
  let best: string | undefined;
  // More than a third of the word changed is another word.
  let bound = Math.ceil(written.length / 3) + 1;
  for (const candidate of known) {
    const distance = editDistance(written.toLowerCase(), candidate.toLowerCase());
    if (distance < bound) {
      best = candidate;
      bound = distance;
    }
  }
  return best;
}

/** Insertions, deletions and replacements between the two (Levenshtein 1966). */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let outer = 1; outer <= from.length; outer += 1) {
    const next = [outer];
    for (let inner = 1; inner <= to.length; inner += 1) {
      const replaced = (row[inner - 1] ?? 0) + (from[outer - 1] === to[inner - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[inner] ?? 0) + 1, (next[inner - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
