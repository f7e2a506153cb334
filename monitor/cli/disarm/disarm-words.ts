import type { DisarmItem, DisarmedItem, StillBound } from '../../rpc/service/service-disarm.ts';
import { oneLine } from '../terminal/width.ts';

/** Which container, by name and short id: either alone may be another's by tomorrow. */
function labelOf({ container, name }: Pick<DisarmItem, 'container' | 'name'>): string {
  const id = container?.slice(0, 12);
  return [
    ...(name === undefined ? [] : [oneLine(name, 60)]),
    ...(id === undefined ? [] : [id]),
  ].join(', ');
}

/** One line of the list of what would be taken away. */
export function listedLine(item: DisarmItem): string {
  const label = labelOf(item);
  const words = oneLine(item.words, 400);
  if (item.kind === 'contained') return `  ${label}, which Sentra holds: ${words}`;
  return label === '' ? `  ${words}` : `  ${label}: ${words}`;
}

/** What became of one thing. */
export function doneLine(item: DisarmedItem): string {
  const { kind, failure } = item;
  const label = labelOf(item);
  const said = oneLine(failure ?? item.proof, 1000);
  switch (kind) {
    case 'contained':
      return `${label}: ${failure === undefined ? 'let go' : 'still held'}: ${said}`;
    case 'wall':
      return `${label === '' ? oneLine(item.words, 400) : label}: ${said}`;
    case 'gate':
      return `The gate: ${said}`;
    case 'helper':
      return failure === undefined ? 'The helper is removed.' : `The helper: ${said}`;
    case 'login-item':
      return failure === undefined
        ? 'Sentra starts with your session no more.'
        : `Sentra still starts with your session: ${said}`;
  }
}

/** How a container is bound after all, and what to type. */
export function boundLines(bound: StillBound): readonly string[] {
  return [
    `${labelOf(bound)}: ${oneLine(bound.words, 600)}`,
    ...bound.commands.map((command) => `    ${oneLine(command, 4000)}`),
  ];
}
