/** Bytes in at most 5 characters: `512B`, `1.5K`, `128M`, `1023G`; binary units as docker has them. */
export function shortBytes(bytes: number): string {
  const units = ['B', 'K', 'M', 'G', 'T', 'P'];
  let value = Math.max(0, bytes);
  let unit = 0;
  while (value >= 1023.5 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const figures = unit === 0 || value >= 9.95 ? value.toFixed(0) : value.toFixed(1);
  return `${figures}${units[unit] ?? ''}`;
}

/** A share of 1 as per cent, with one decimal below 10: `3.4%`, `128%`. */
export function percent(share: number): string {
  const value = Math.max(0, share) * 100;
  return `${value < 9.95 ? value.toFixed(1) : value.toFixed(0)}%`;
}

/** The time of day, by the clock on the wall here: `14:03:22`. */
export function timeOfDay(moment: number): string {
  const date = new Date(moment);
  return Number.isNaN(date.getTime()) ? '--:--:--' : date.toTimeString().slice(0, 8);
}

/** A span in one unit: `8 s`, `12 min`, `3 h`, from two days on `5 days`. */
export function roughSpan(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  const hours = Math.round(seconds / 3600);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}

/** `1 container`, `2 containers`. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
