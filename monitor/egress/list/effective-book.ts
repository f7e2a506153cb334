import type { WorkloadKey } from '../../model/workload.ts';
import type { BookFile } from './book-file.ts';
import type { IsPast } from './deadlines.ts';
import { holdsFor, isOver, type Subject } from './lifetime.ts';
import { combinedRules, rulesOf, type RuleBook, type WorkloadRules } from './rule-book.ts';

/**
 * The list as it holds for one container now: profiles written out, and without the rules whose
 * lifetime is over or is another container's. A guard needs to know no more.
 */
export function effectiveRules(
  book: RuleBook,
  workload: WorkloadKey,
  container: Subject,
  isPast: IsPast,
): WorkloadRules {
  const list = rulesOf(book, workload);
  const all = combinedRules(book, list);
  const rules = all.every(({ lifetime }) => lifetime === undefined)
    ? all
    : all.filter(({ lifetime }) => holdsFor(lifetime, container, isPast));
  return { mode: list.mode, rules, profiles: [] };
}

/**
 * The very list of before where it has the same rules in the same order: what was made of it, which
 * takes a while for a long one, is kept by it. Rules for a time are looked at again and again.
 */
export function sameOr(before: WorkloadRules | undefined, next: WorkloadRules): WorkloadRules {
  const isSame =
    before?.mode === next.mode &&
    before.rules.length === next.rules.length &&
    before.rules.every((rule, index) => rule === next.rules[index]);
  return isSame ? before : next;
}

/** What holds for every container in a lock down. */
const lockedRules: WorkloadRules = { mode: 'enforce', rules: [], profiles: [] };

/** The book as a guard of one container sees it: the one list, as it holds for that container. */
export function bookFor(
  file: BookFile,
  workload: WorkloadKey,
  container: () => Subject,
  isPast: IsPast,
): BookFile {
  // It is asked for several times a look, and a list may be long: what cannot have changed is kept.
  let kept: { readonly of: RuleBook; readonly is: RuleBook } | undefined;
  let last: WorkloadRules | undefined;
  return {
    ...file,
    book() {
      const book = file.book();
      if (kept?.of === book) return kept.is;
      const isLocked = book.lockdown !== undefined;
      const rules = isLocked
        ? lockedRules
        : sameOr(last, effectiveRules(book, workload, container(), isPast));
      last = rules;
      const is = { ...book, profiles: new Map(), workloads: new Map([[workload, rules]]) };
      const isLasting = rulesOf(book, workload).rules.every((each) => each.lifetime === undefined);
      kept = isLasting || isLocked ? { of: book, is } : undefined;
      return is;
    },
  };
}

/**
 * The book without the rules that are over for everybody; the very same when there are none. `known`
 * tells the containers of a workload.
 */
export function withoutLapsed(
  book: RuleBook,
  isPast: IsPast,
  known: (workload: WorkloadKey) => readonly Subject[],
  isAll: boolean,
): RuleBook {
  let workloads: Map<WorkloadKey, WorkloadRules> | undefined;
  for (const [workload, list] of book.workloads) {
    if (list.rules.every(({ lifetime }) => lifetime === undefined)) continue;
    const containers = known(workload);
    const rules = list.rules.filter(({ lifetime }) => !isOver(lifetime, isPast, containers, isAll));
    if (rules.length === list.rules.length) continue;
    workloads ??= new Map(book.workloads);
    workloads.set(workload, { ...list, rules });
  }
  return workloads === undefined ? book : { ...book, workloads };
}
