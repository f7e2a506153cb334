/** Bytes with a decimal unit and two to three figures: `1.0 MB`, `950 kB`. */
export function bytesInWords(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;
  let value = Math.max(0, bytes);
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const figures = unit === 0 || value >= 99.5 ? value.toFixed(0) : value.toFixed(1);
  return `${figures} ${units[unit] ?? 'B'}`;
}

/** A span of time in its largest two units: `8 s`, `2 min 5 s`, `3 h`; from two days on in days. */
export function spanInWords(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 1) return `${Math.max(0, Math.round(milliseconds / 100) / 10)} s`;
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60)
    return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return `${Math.floor(hours / 24)} days`;
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
}

/** Cores with two figures: `0.60 cores`, `1.0 core`. */
export function coresInWords(cores: number): string {
  const figures = cores >= 1 ? cores.toFixed(1) : cores.toFixed(2);
  return `${figures} ${figures === '1.0' ? 'core' : 'cores'}`;
}

/** A whole number with thin groups of three: `12 345`. */
export function countInWords(count: number): string {
  return Math.round(count)
    .toString()
    .replace(/\B(?=(?:\d{3})+$)/g, ' ');
}

/** A share as whole per cent. */
export function shareInWords(share: number): string {
  return `${Math.round(share * 100)} %`;
}
