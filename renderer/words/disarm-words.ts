import { oneLine, shortId } from '../format/plain-text.ts';
import type { DisarmedItem, DisarmItem, DisarmReport, StillBound } from '../state/model.ts';

type Named = Pick<StillBound, 'container' | 'name'> | Pick<DisarmItem, 'container' | 'name'>;

function labelOf({ container, name }: Named): string {
  const id = container === undefined ? undefined : shortId(container);
  if (name === undefined) return id ?? '';
  return id === undefined ? oneLine(name, 60) : `${oneLine(name, 60)} (${id})`;
}

/** One line of what would be taken away. */
export function listedWords(item: DisarmItem): string {
  const label = labelOf(item);
  const words = oneLine(item.words, 400);
  return label === '' ? words : `${label}: ${words}`;
}

/** What became of one thing. */
export function doneWords(item: DisarmedItem): string {
  const { failure, proof, kind } = item;
  const label = labelOf(item);
  const what = label === '' ? oneLine(item.words, 400) : label;
  if (failure !== undefined) {
    const begin = kind === 'contained' ? 'still held' : 'still there';
    return `${what}: ${begin}. ${oneLine(failure, 600)}`;
  }
  return `${what}: ${kind === 'contained' ? 'let go, ' : ''}${oneLine(proof, 600)}`;
}

/** A container that is not free after all. */
export function boundWords(bound: StillBound): string {
  return `${labelOf(bound)}: ${oneLine(bound.words, 600)}`;
}

/** Whether nothing of Sentra's is left, as far as is known. */
export function isAllGone({ items, left }: DisarmReport): boolean {
  return left.length === 0 && items.every(({ failure }) => failure === undefined);
}
