const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/**
 * Bytes in decimal units, as the monitor's own sentences have them: `512 B`, `1.5 kB`, `128 MB`.
 * Below zero reads 0.
 */
export function bytes(count: number): string {
  let value = Math.max(0, count);
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const figures = unit === 0 || value >= 99.5 ? value.toFixed(0) : value.toFixed(1);
  return `${figures}\u202f${units[unit] ?? ''}`;
}

/** Bytes a second, as `bytes` writes them: `1.5 kB/s`. */
export function byteRate(perSecond: number): string {
  return `${bytes(perSecond)}/s`;
}
