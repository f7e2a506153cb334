/** One row of a tree: a process start, and how deep it lies beneath the first that is known. */
export interface StartRow<Start> {
  readonly start: Start;
  readonly depth: number;
}

interface Node<Start> {
  readonly start: Start;
  readonly children: Node<Start>[];
}

/** Deeper than this is drawn no further to the right. */
const mostDepth = 12;

/**
 * Process starts, oldest first, as a tree: each beneath the latest start of its parent that came before
 * it. A process that runs another program in its own place stands beside what it ran before.
 */
export function startTree<Start extends { readonly pid: number; readonly parentPid: number }>(
  starts: readonly Start[],
): readonly StartRow<Start>[] {
  const roots: Node<Start>[] = [];
  const latest = new Map<number, Node<Start>>();
  for (const start of starts) {
    const node = { start, children: [] };
    (latest.get(start.parentPid)?.children ?? roots).push(node);
    latest.set(start.pid, node);
  }
  const rows: StartRow<Start>[] = [];
  // Not by recursion: a chain may be as long as the list.
  const waiting = roots.map((node) => ({ node, depth: 0 })).reverse();
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { node, depth } = next;
    rows.push({ start: node.start, depth: Math.min(depth, mostDepth) });
    for (const child of node.children.toReversed()) waiting.push({ node: child, depth: depth + 1 });
  }
  return rows;
}
