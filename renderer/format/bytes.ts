const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** Bytes in binary units, at most four figures: `512 B`, `1.5 KiB`, `128 MiB`. Below zero reads 0. */
export function bytes(count: number): string {
  let value = Math.max(0, count);
  let unit = 0;
  while (value >= 1023.5 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const figures = unit === 0 || value >= 9.95 ? value.toFixed(0) : value.toFixed(1);
  return `${figures}\u202f${units[unit] ?? ''}`;
}

/** Bytes a second, as `bytes` writes them: `1.5 KiB/s`. */
export function byteRate(perSecond: number): string {
  return `${bytes(perSecond)}/s`;
}
