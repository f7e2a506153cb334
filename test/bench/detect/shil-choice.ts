import type { CallCounts } from '../../../monitor/detect/syscalls/call-window.ts';
import { createLearnedCalls } from '../../../monitor/detect/syscalls/learned-calls.ts';
import {
  createCallWatch,
  judgeCalls,
  leastExcess,
} from '../../../monitor/detect/syscalls/unusual-calls.ts';

/**
 * The internal calls in groups by what they do, as `call-class.ts` lists them, and one group that is not
 * on that list: calls that ask who the caller is.
 */
export const callGroups = {
  memory: 'brk mmap mmap2 munmap mremap mprotect madvise mincore membarrier',
  scheduling: 'sched_yield sched_getaffinity getcpu futex futex_time64 futex_waitv switch',
  threads: 'set_robust_list rseq exit procexit restart_syscall',
  signals: 'signaldeliver sigreturn rt_sigreturn sigprocmask rt_sigprocmask',
  clock: 'time times gettimeofday clock_gettime clock_gettime64 clock_getres',
  waiting:
    'nanosleep clock_nanosleep clock_nanosleep_time64 poll ppoll ppoll_time64 select pselect6 ' +
    'pselect6_time64 epoll_wait epoll_pwait epoll_pwait2',
  identity: 'gettid getpid getppid getrusage',
} as const;

export type CallGroup = keyof typeof callGroups;

const groupOf = new Map<string, CallGroup>(
  (Object.keys(callGroups) as CallGroup[]).flatMap((group) =>
    callGroups[group].split(' ').map((name) => [name, group] as const),
  ),
);

/** What was chosen with this benchmark in view: the bar, and which groups of calls are never told. */
export interface ShilChoice {
  readonly bar: number;
  readonly untold: ReadonlySet<CallGroup>;
}

const groups = Object.keys(callGroups) as CallGroup[];
const productUntold: ReadonlySet<CallGroup> = new Set(
  groups.filter((group) => group !== 'identity'),
);

/** The product's own. */
export const productChoice: ShilChoice = { bar: leastExcess, untold: productUntold };

const bars = [0.1, 0.13, 0.16, 0.21, 0.25, 0.3, 0.4, 0.7];

/** The product's list with ever other bars, and its bar with every set of the groups; its own comes first. */
export const shilGrid: readonly ShilChoice[] = [
  productChoice,
  ...bars.map((bar) => ({ bar, untold: productUntold })),
  ...Array.from({ length: 2 ** groups.length }, (_, bits) => ({
    bar: leastExcess,
    untold: new Set(groups.filter((_group, at) => ((bits >> at) & 1) === 1)),
  })),
];

/** The calls of a container, before and during what is judged. */
export interface ShilTrace {
  readonly train: readonly CallCounts[];
  readonly test: readonly CallCounts[];
}

/** A row is an alarm when it brings news: it opens a finding or carries one further. */
export function alarmsOf({ train, test }: ShilTrace, choice = productChoice): readonly boolean[] {
  const watch = createCallWatch();
  const learned = createLearnedCalls();
  const seenBy = isProductList(choice) ? (row: CallCounts) => row : seenWith(choice);
  for (const row of train) judgeCalls(watch, learned, seenBy(row), { learning: true });
  const begin = train.at(-1)?.at ?? 0;
  return test.map((row) => {
    const seen = { ...seenBy(row), at: begin + row.at };
    const judged = judgeCalls(watch, learned, seen, { learning: false, bar: choice.bar });
    return judged?.newsAt === seen.at;
  });
}

function isProductList({ untold }: ShilChoice): boolean {
  return groups.every((group) => untold.has(group) === productUntold.has(group));
}

/**
 * The list is the product's, so what it leaves out is taken away before, or told under a name that is not
 * on it.
 */
function seenWith({ untold }: ShilChoice): (row: CallCounts) => CallCounts {
  return (row) => {
    const counts: Record<string, number> = {};
    for (const [name, count] of Object.entries(row.counts)) {
      const group = groupOf.get(name);
      if (group === undefined) counts[name] = count;
      else if (!untold.has(group)) counts[`${name} as told`] = count;
    }
    return { ...row, counts };
  };
}
