import type { Workload } from '../../model/workload.ts';
import type { BookFile } from './book-file.ts';
import type { IsPast } from './deadlines.ts';
import { effectiveRules } from './effective-book.ts';
import type { EgressRule } from './rule.ts';
import type { RuleBook } from './rule-book.ts';

/** The rules as they hold for a container now: asked for often, and worked out anew only when due. */
export function rulesInForce(
  file: Pick<BookFile, 'book'>,
  isPast: IsPast,
): (workload: Workload) => readonly EgressRule[] {
  const viewed = new WeakMap<Workload, { book: RuleBook; rules: readonly EgressRule[] }>();
  return (workload) => {
    const book = file.book();
    const kept = viewed.get(workload);
    if (kept?.book === book && kept.rules.every((each) => each.lifetime === undefined)) {
      return kept.rules;
    }
    const { rules } = effectiveRules(book, workload.key, workload, isPast);
    viewed.set(workload, { book, rules });
    return rules;
  };
}
