/** The row that a key leads to, counted from 0; undefined when the key does not move. */
export function nextRow(
  key: string,
  from: number,
  count: number,
  page: number,
): number | undefined {
  if (count === 0) return undefined;
  const bounded = (index: number) => Math.min(count - 1, Math.max(0, index));
  switch (key) {
    case 'ArrowDown':
      return bounded(from + 1);
    case 'ArrowUp':
      return bounded(from - 1);
    case 'PageDown':
      return bounded(from + page);
    case 'PageUp':
      return bounded(from - page);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return undefined;
  }
}
