import type { BenchResult } from '../result.ts';

/** A figure that should reach a target; no target for one that is only told. */
export function reach(
  name: string,
  value: number,
  unit: string,
  target: number | null = null,
): BenchResult {
  const met = target === null ? null : value >= target;
  return { name, value, unit, better: 'higher', target, met };
}

/** A figure that should stay below a target. */
export function stayBelow(
  name: string,
  value: number,
  unit: string,
  target: number | null = null,
): BenchResult {
  const met = target === null ? null : value <= target;
  return { name, value, unit, better: 'lower', target, met };
}
