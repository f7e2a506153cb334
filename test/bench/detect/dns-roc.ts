/** How well scores tell attacks from normal items. */
export interface Roc {
  readonly normals: number;
  readonly attacks: number;
  /** Area under the curve, ties counted half. */
  readonly area: number;
  /** The share of attacks found at the lowest threshold at which at most 1 % of the normals alarm. */
  readonly atOnePercent: number;
  readonly threshold: number;
}

/** Compares scores; higher is more suspicious. */
export function rocOf(normals: readonly number[], attacks: readonly number[]): Roc {
  const sorted = Float64Array.from(normals).sort();
  let wins = 0;
  for (const score of attacks) {
    const below = firstAtLeast(sorted, score);
    wins += below + 0.5 * (firstAbove(sorted, score) - below);
  }
  const allowed = Math.floor(0.01 * sorted.length + 1e-9);
  // This normal must not alarm any more.
  const threshold = sorted[sorted.length - 1 - allowed] ?? -Infinity;
  return {
    normals: sorted.length,
    attacks: attacks.length,
    area: wins / (sorted.length * attacks.length),
    atOnePercent: attacks.filter((score) => score > threshold).length / attacks.length,
    threshold,
  };
}

function search(sorted: Float64Array, goesRight: (value: number) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (goesRight(sorted[middle] ?? Infinity)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function firstAtLeast(sorted: Float64Array, score: number): number {
  return search(sorted, (value) => value < score);
}

function firstAbove(sorted: Float64Array, score: number): number {
  return search(sorted, (value) => value <= score);
}

/** The comparison as a line for people. */
export function rocLine(name: string, roc: Roc): string {
  return (
    `${name.padEnd(38)} AUC ${roc.area.toFixed(4)}, at 1 % false alarms ` +
    `${roc.atOnePercent.toFixed(3)} found (threshold ${roc.threshold.toFixed(2)}; ` +
    `${roc.normals} normal, ${roc.attacks} attacks)`
  );
}
