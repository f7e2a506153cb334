import type { Workload } from '../../model/workload.ts';
import type { BookFile } from './book-file.ts';
import type { IsPast } from './deadlines.ts';
import { effectiveRules, sameOr } from './effective-book.ts';
import type { EgressRule } from './rule.ts';
import type { RuleBook, WorkloadRules } from './rule-book.ts';

/** The rules as they hold for a container now: asked for often, and worked out anew only when due. */
export function rulesInForce(
  file: Pick<BookFile, 'book'>,
  isPast: IsPast,
): (workload: Workload) => readonly EgressRule[] {
  const viewed = new WeakMap<Workload, { book: RuleBook; list: WorkloadRules }>();
  return (workload) => {
    const book = file.book();
    const kept = viewed.get(workload);
    const isLasting = kept?.list.rules.every((each) => each.lifetime === undefined) === true;
    if (kept?.book === book && isLasting) return kept.list.rules;
    const list = sameOr(kept?.list, effectiveRules(book, workload.key, workload, isPast));
    viewed.set(workload, { book, list });
    return list.rules;
  };
}
