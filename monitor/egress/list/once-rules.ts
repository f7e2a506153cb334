import type { Moment } from '../../model/time.ts';
import type { WorkloadKey } from '../../model/workload.ts';
import { ok, type Result } from '../../runtime/result.ts';
import type { BookFile } from './book-file.ts';
import { ruleKey, type EgressRule } from './rule.ts';
import { rulesOf } from './rule-book.ts';

/** Notes the use of those rules that hold for one use, among what let traffic of the workload pass. */
export function noteOnce(
  file: Pick<BookFile, 'book' | 'replace'>,
  key: WorkloadKey,
  passed: readonly EgressRule[],
  at: Moment,
): Result<unknown, string> {
  const once = new Set(
    passed.flatMap((each) => (each.lifetime?.kind === 'once' ? [ruleKey(each)] : [])),
  );
  if (once.size === 0) return ok(undefined);
  const book = file.book();
  const list = rulesOf(book, key);
  const rules = list.rules.map((rule) =>
    rule.lifetime?.kind === 'once' && once.has(ruleKey(rule))
      ? { ...rule, lifetime: { ...rule.lifetime, usedAt: at } }
      : rule,
  );
  return file.replace({ ...book, workloads: new Map(book.workloads).set(key, { ...list, rules }) });
}
