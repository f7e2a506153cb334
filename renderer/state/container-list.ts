import {
  severities,
  isNewlyBlind,
  isRunning,
  type ContainerId,
  type WorkloadView,
} from './model.ts';
import { networkRate } from './series-book.ts';

export const sortKeys = ['attention', 'name', 'cpu', 'memory', 'network'] as const;

/** What the list is in order of. */
export type SortKey = (typeof sortKeys)[number];

export interface ListOrder {
  readonly key: SortKey;
  readonly descending: boolean;
}

export const statusFilters = ['all', 'running', 'findings', 'held'] as const;

/** Which containers the list shows, by how they stand. */
export type StatusFilter = (typeof statusFilters)[number];

/** Which order a column begins with when it is chosen: the most first, names from A. */
export function naturalOrder(key: SortKey): ListOrder {
  return { key, descending: key !== 'name' };
}

/** How much a container asks for a look, 0 to 9. */
export function attention(view: WorkloadView): number {
  const { worst } = view.findings;
  const grave = worst === undefined ? 0 : severities.indexOf(worst);
  if (grave >= 3) return 5 + grave;
  if (view.containment !== undefined) return 7;
  if (grave === 2) return 6;
  if (isBlind(view)) return 5;
  if (grave === 1) return 4;
  if (view.workload.state === 'paused') return 3;
  return isRunning(view.workload) ? 2 : 0;
}

/** Whether there is anything to be seen of it: of what has ended nothing is. */
export function hasSights({ workload }: WorkloadView): boolean {
  return isRunning(workload) || workload.state === 'paused';
}

/** Whether a sensor that ought to see it sees nothing; what was never to be had is on its badge alone. */
export function isBlind(view: WorkloadView): boolean {
  return hasSights(view) && view.coverage.some(({ sight }) => isNewlyBlind(sight));
}

/** How many run, and what all of them use now; what has stopped shows what it used last. */
export function totals(views: Iterable<WorkloadView>): {
  readonly running: number;
  readonly cpuCores: number;
  readonly memoryBytes: number;
} {
  let [running, cpuCores, memoryBytes] = [0, 0, 0];
  for (const view of views) {
    if (isRunning(view.workload)) {
      running += 1;
      cpuCores += view.resource?.cpuCores ?? 0;
    }
    // What is paused computes nothing and keeps its memory.
    if (hasSights(view)) memoryBytes += view.resource?.memoryBytes ?? 0;
  }
  return { running, cpuCores, memoryBytes };
}

/** The views that match the words and the status, in the order that was asked for. */
export function listed(
  views: Iterable<WorkloadView>,
  words: string,
  status: StatusFilter,
  order: ListOrder,
): WorkloadView[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  const sign = order.descending ? -1 : 1;
  return [...views]
    .filter((view) => hasStatus(view, status) && wanted.every((word) => mentions(view, word)))
    .sort((one, other) => {
      const difference = compareBy(order.key, one, other);
      return difference === 0 ? byName(one, other) : sign * difference;
    });
}

/**
 * `next` with its members in the order they had in `held`, and what is new at the end: rows must not
 * move under the pointer of a person about to press a button.
 */
export function keepOrder(
  next: readonly WorkloadView[],
  held: readonly ContainerId[],
): WorkloadView[] {
  const place = new Map(held.map((container, index) => [container, index]));
  return next
    .map((view, index) => ({ view, at: place.get(view.workload.container) ?? held.length + index }))
    .sort((one, other) => one.at - other.at)
    .map(({ view }) => view);
}

function hasStatus(view: WorkloadView, status: StatusFilter): boolean {
  switch (status) {
    case 'all':
      return true;
    case 'running':
      return isRunning(view.workload);
    case 'findings':
      return view.findings.open > 0;
    case 'held':
      return view.containment !== undefined || view.workload.state === 'paused';
  }
}

function mentions({ workload }: WorkloadView, word: string): boolean {
  const { name, image, container, composeProject = '', composeService = '' } = workload;
  return (
    [name, image, composeProject, composeService].some((text) =>
      text.toLowerCase().includes(word),
    ) || container.startsWith(word)
  );
}

function compareBy(key: SortKey, one: WorkloadView, other: WorkloadView): number {
  switch (key) {
    case 'attention':
      return attention(one) - attention(other);
    case 'name':
      return byName(one, other);
    case 'cpu':
      return (one.resource?.cpuCores ?? -1) - (other.resource?.cpuCores ?? -1);
    case 'memory':
      return (one.resource?.memoryBytes ?? -1) - (other.resource?.memoryBytes ?? -1);
    case 'network':
      return rateOf(one) - rateOf(other);
  }
}

function rateOf({ resource }: WorkloadView): number {
  const rate = resource === undefined ? Number.NaN : networkRate(resource);
  return Number.isNaN(rate) ? -1 : rate;
}

// Made once: comparing by locale anew for each pair costs a hundred times as much.
const collator = new Intl.Collator('en', { numeric: true });

function byName(one: WorkloadView, other: WorkloadView): number {
  const difference = collator.compare(one.workload.name, other.workload.name);
  return difference === 0
    ? collator.compare(one.workload.container, other.workload.container)
    : difference;
}
