import type { EgressRuleProblem } from '../../model/egress.ts';
import type { WorkloadKey } from '../../model/workload.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';
import { checkList, readRules } from './check-list.ts';
import type { Edited, Editor } from './edit.ts';
import { isOver } from './lifetime.ts';
import { readListDocument, type DocumentProblem } from './list-document.ts';
import { noticeOf } from './notice.ts';
import { readProfileRules } from './profile-rules.ts';
import { allowsGroupsOnly } from './rule-remark.ts';
import { ruleKey, rulesInWords, type BindLifetime } from './rule.ts';
import { rulesOf, withProfile, withRules, type EgressProfile, type RuleBook } from './rule-book.ts';

/**
 * Puts the list of a file in place of the workload's; its profiles are added. All of it or, with a
 * sentence for each thing that is wrong and its line, nothing. The mode stays.
 */
export function importList(
  book: RuleBook,
  key: WorkloadKey,
  text: string,
  bind: BindLifetime,
  { by, now }: Editor,
): Result<Edited, string> {
  const read = readListDocument(text);
  if (!read.ok) return failed(lined(read.error));
  const { profiles, use, rules: written, lineOf } = read.value;
  let next = book;
  for (const [place, { name, note, rules }] of profiles.entries()) {
    const understood = readProfileRules(rules);
    if (!understood.ok) {
      return failed(lined(placed(understood.error, (index) => lineOf(index, place))));
    }
    const profile = { name, note, rules: understood.value };
    const known = next.profiles.get(name);
    if (known !== undefined && !sameRules(known, profile)) {
      const message = `There is another profile ${name} already, with other rules. Rename this one, or change that one first.`;
      return failed(lined([{ line: lineOf(0, place), message }]));
    }
    if (known !== undefined) continue;
    const put = withProfile(next, name, profile);
    if (!put.ok) return put;
    next = put.value;
  }
  const rules = readRules(
    written.map((rule) =>
      rule.by === undefined && rule.at === undefined ? { ...rule, by, at: now } : rule,
    ),
    bind,
  );
  if (!rules.ok) {
    return failed(lined(placed(rules.error, lineOf)));
  }
  const lasting = rules.value.filter(
    ({ lifetime }) => !isOver(lifetime, (end) => now >= end, [], false),
  );
  const list = { mode: rulesOf(book, key).mode, rules: lasting, profiles: use };
  const checked = checkList(next, list);
  if (!checked.ok) {
    return failed(lined(placed(checked.error, lineOf)));
  }
  const kept = withRules(next, key, checked.value);
  if (!kept.ok) return kept;
  const notice = noticeOf(
    leftOutWords(rules.value.length - lasting.length),
    groupWords(lasting.filter(allowsGroupsOnly).length),
  );
  return ok({
    book: kept.value,
    what: `a list imported, ${rulesInWords(lasting.length)}`,
    ...(notice === undefined ? {} : { notice }),
  });
}

function leftOutWords(over: number): string | undefined {
  if (over === 0) return undefined;
  const words = over === 1 ? 'was over already and is' : 'were over already and are';
  return `${over} of the rules ${words} left out.`;
}

function groupWords(count: number): string | undefined {
  if (count === 0) return undefined;
  const [allow, end] = count === 1 ? ['allows', 'lets'] : ['allow', 'let'];
  return `Nothing gets out to groups (multicast and broadcast): ${count} of the rules, which ${allow} some, ${end} nothing through.`;
}

function sameRules(one: EgressProfile, other: EgressProfile): boolean {
  const texts = ({ rules }: EgressProfile): string =>
    rules
      .map(
        ({ verdict, local, ...rule }) =>
          `${verdict} ${local} ${ruleKey({ verdict, local, ...rule })}`,
      )
      .sort()
      .join('\n');
  return texts(one) === texts(other);
}

function lined(problems: readonly DocumentProblem[]): string {
  return problems
    .map(({ line, message }) => (line === undefined ? message : `Line ${line}: ${message}`))
    .join('\n');
}

function placed(
  problems: readonly EgressRuleProblem[],
  lineOf: (index: number) => number | undefined,
): readonly DocumentProblem[] {
  return problems.map(({ index, message }) => ({
    line: index === undefined ? undefined : lineOf(index),
    message,
  }));
}
