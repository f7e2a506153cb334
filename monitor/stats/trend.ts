import { linearRegression } from 'simple-statistics';

/** A straight line through points, with how sure it is. */
export interface Trend {
  /** Units of y a unit of x. */
  readonly slope: number;
  /** Standard error of the slope, in the same unit; zero for a perfect line. */
  readonly slopeError: number;
  /** Share of the variance that the line explains, 0 to 1; 1 for constant y. */
  readonly fit: number;
  /** The line's value at the last x. */
  readonly end: number;
}

/**
 * Least squares through (x, y), at least three points with different x; undefined otherwise.
 * Standard error of the slope: sqrt(residual variance / sum of squares of x), with n − 2 degrees of
 * freedom.
 */
export function fitTrend(xs: readonly number[], ys: readonly number[]): Trend | undefined {
  const count = Math.min(xs.length, ys.length);
  if (count < 3) return undefined;
  const points: number[][] = [];
  let meanX = 0;
  let meanY = 0;
  for (let index = 0; index < count; index += 1) {
    const x = xs[index] ?? 0;
    const y = ys[index] ?? 0;
    points.push([x, y]);
    meanX += x / count;
    meanY += y / count;
  }
  const line = linearRegression(points);
  let spreadX = 0;
  let spreadY = 0;
  let residual = 0;
  for (let index = 0; index < count; index += 1) {
    const x = xs[index] ?? 0;
    const y = ys[index] ?? 0;
    spreadX += (x - meanX) ** 2;
    spreadY += (y - meanY) ** 2;
    residual += (y - (line.b + line.m * x)) ** 2;
  }
  if (!(spreadX > 0)) return undefined;
  const last = xs[count - 1] ?? 0;
  return {
    slope: line.m,
    slopeError: Math.sqrt(residual / (count - 2) / spreadX),
    fit: spreadY > 0 ? Math.max(0, 1 - residual / spreadY) : 1,
    end: line.b + line.m * last,
  };
}
