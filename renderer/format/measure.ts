import { byteRate, bytes } from './bytes.ts';
import { cores, figure } from './number.ts';

/** A value with the unit that evidence carries, in words a person reads: `1.2 cores`, `88 MiB`. */
export function measure(value: number, unit: string): string {
  switch (unit) {
    case 'bytes':
      return bytes(value);
    case 'bytes/s':
      return byteRate(value);
    case 'count':
      return figure(value);
    case 'share':
      return `${percent(value)}\u202f%`;
    case 'cores':
      return cores(value);
    default:
      return `${figure(value)}\u202f${unit}`;
  }
}

/** A small share has a decimal: a mix of calls is unusual from a distance of a hundredth on. */
function percent(share: number): string {
  return share < 0.0005 ? '0' : (100 * share).toFixed(share < 0.0995 ? 1 : 0);
}
