/** One line of a comparison: in both texts, only in the old, or only in the new. */
export interface DiffLine {
  readonly kind: 'same' | 'removed' | 'added';
  readonly text: string;
}

/** The largest table that is filled, in cells; beyond it the middle is told as replaced. */
const mostCells = 4_000_000;

/**
 * What became of a text, line by line, by the longest common subsequence of its lines (Wagner and
 * Fischer 1974). The `same` and `removed` lines are the old text, the `same` and `added` the new.
 */
export function lineDiff(before: string, after: string): readonly DiffLine[] {
  const [old, young] = [before.split('\n'), after.split('\n')];
  let start = 0;
  while (start < old.length && start < young.length && old[start] === young[start]) start += 1;
  let end = 0;
  const shorter = Math.min(old.length, young.length) - start;
  while (end < shorter && old[old.length - 1 - end] === young[young.length - 1 - end]) end += 1;
  const same = (text: string): DiffLine => ({ kind: 'same', text });
  return [
    ...old.slice(0, start).map(same),
    ...middleDiff(old.slice(start, old.length - end), young.slice(start, young.length - end)),
    ...old.slice(old.length - end).map(same),
  ];
}

function middleDiff(old: readonly string[], young: readonly string[]): DiffLine[] {
  const removed = (text: string): DiffLine => ({ kind: 'removed', text });
  const added = (text: string): DiffLine => ({ kind: 'added', text });
  const [rows, columns] = [old.length, young.length];
  if (rows === 0 || columns === 0 || rows * columns > mostCells) {
    return [...old.map(removed), ...young.map(added)];
  }
  const width = columns + 1;
  const lengths = new Uint32Array((rows + 1) * width);
  const at = (row: number, column: number) => lengths[row * width + column] ?? 0;
  for (let row = rows - 1; row >= 0; row -= 1) {
    for (let column = columns - 1; column >= 0; column -= 1) {
      lengths[row * width + column] =
        old[row] === young[column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const lines: DiffLine[] = [];
  let [row, column] = [0, 0];
  while (row < rows && column < columns) {
    const text = old[row] ?? '';
    if (text === young[column]) {
      lines.push({ kind: 'same', text });
      row += 1;
      column += 1;
    } else if (at(row + 1, column) >= at(row, column + 1)) {
      lines.push(removed(text));
      row += 1;
    } else {
      lines.push(added(young[column] ?? ''));
      column += 1;
    }
  }
  return [...lines, ...old.slice(row).map(removed), ...young.slice(column).map(added)];
}
