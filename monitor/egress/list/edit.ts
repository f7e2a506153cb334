import { createHash } from 'node:crypto';
import type {
  EgressMode,
  EgressRuleSubject,
  WrittenEgressProfile,
  WrittenEgressRule,
} from '../../model/egress.ts';
import type { Moment } from '../../model/time.ts';
import type { Workload } from '../../model/workload.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';
import { checkList, readRules, sentences } from './check-list.ts';
import { bindTo } from './lifetime.ts';
import { importList } from './import-list.ts';
import { presets } from './presets.ts';
import { readProfileRules } from './profile-rules.ts';
import { allowsGroupsOnly, groupRemark } from './rule-remark.ts';
import {
  readRule,
  readTarget,
  rulesInWords,
  targetText,
  writeRule,
  type EgressRule,
} from './rule.ts';
import {
  rulesOf,
  withProfile,
  withRule,
  withRules,
  type RuleBook,
  type WorkloadRules,
} from './rule-book.ts';

/** A change that a person wants of a workload's list. */
export type ListEdit =
  | { readonly kind: 'rule'; readonly rule: WrittenEgressRule }
  /** Every rule about the target, or those of the port and protocol where they are given. */
  | { readonly kind: 'remove'; readonly subject: EgressRuleSubject }
  | { readonly kind: 'mode'; readonly mode: EgressMode }
  /** The whole list, as it was edited from the version `basedOn`. */
  | {
      readonly kind: 'save';
      readonly basedOn: string;
      readonly profiles: readonly string[];
      readonly rules: readonly WrittenEgressRule[];
    }
  | { readonly kind: 'preset'; readonly name: string }
  /** A profile's rules, for everybody who has it. */
  | { readonly kind: 'profile'; readonly profile: WrittenEgressProfile }
  | { readonly kind: 'import'; readonly text: string };

/** What an edit comes to. */
export interface Edited {
  readonly book: RuleBook;
  /** In words. */
  readonly what: string;
  /** The profile that it made or changed. */
  readonly profile?: string;
  /** Something that the person is to know of, a sentence. */
  readonly notice?: string;
}

/** Who edits, and when. */
export interface Editor {
  readonly by: string;
  readonly now: Moment;
}

/** Changes with every rule of the list, its profiles and its mode. 16 hexadecimal digits. */
export function versionOf({ mode, rules, profiles }: WorkloadRules): string {
  // A rule for one use notes its use by itself, which is no other list.
  const written = rules.map((rule) =>
    writeRule(
      rule.lifetime?.kind === 'once'
        ? { ...rule, lifetime: { ...rule.lifetime, usedAt: undefined } }
        : rule,
    ),
  );
  const text = JSON.stringify([mode, profiles, written]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** Carries out an edit on the book; the failure is a sentence or several, and nothing is changed. */
export function applyEdit(
  book: RuleBook,
  workload: Workload,
  edit: ListEdit,
  { by, now }: Editor,
): Result<Edited, string> {
  const { key } = workload;
  const list = rulesOf(book, key);
  const bind = bindTo(now, workload);
  const keep = (next: WorkloadRules, what: string, notice?: string): Result<Edited, string> => {
    const kept = withRules(book, key, next);
    return kept.ok
      ? ok({ book: kept.value, what, ...(notice === undefined ? {} : { notice }) })
      : kept;
  };
  switch (edit.kind) {
    case 'rule': {
      const rule = readRule({ ...edit.rule, by, at: now }, bind);
      if (!rule.ok) return rule;
      const text = targetText(rule.value.target);
      return keep(
        withRule(list, rule.value),
        `${edit.rule.verdict} ${text}`,
        allowsGroupsOnly(rule.value) ? groupRemark : shownOtherwise(edit.rule.target, text),
      );
    }
    case 'remove':
      return remove(list, edit.subject, keep);
    case 'mode':
      return keep({ ...list, mode: edit.mode }, `mode ${edit.mode}`);
    case 'save': {
      if (edit.basedOn !== versionOf(list)) {
        return failed(
          'The list was changed meanwhile. Read it again; your edits are not lost yet.',
        );
      }
      const rules = readRules(signed(edit.rules, list, { by, now }), bind);
      if (!rules.ok) return failed(sentences(rules.error));
      const checked = checkList(book, { ...list, rules: rules.value, profiles: edit.profiles });
      if (!checked.ok) return failed(sentences(checked.error));
      return keep(checked.value, `the list edited, ${rulesInWords(rules.value.length)}`);
    }
    case 'preset':
      return usePreset(book, workload, edit.name, { by, now });
    case 'profile': {
      const { name, note } = edit.profile;
      const before = book.profiles.get(name);
      const known = { ...list, rules: before?.rules ?? [] };
      const read = readProfileRules(signed(edit.profile.rules, known, { by, now }));
      if (!read.ok) return failed(sentences(read.error));
      const next = withProfile(book, name, { name, note, rules: read.value });
      return next.ok ? ok({ book: next.value, what: `profile ${name}`, profile: name }) : next;
    }
    case 'import':
      return importList(book, key, edit.text, bind, { by, now });
  }
}

/** Rules that are new or changed bear who put them in, and when. */
function signed(
  rules: readonly WrittenEgressRule[],
  list: WorkloadRules,
  { by, now }: Editor,
): readonly WrittenEgressRule[] {
  const known = new Set(list.rules.map((rule) => JSON.stringify(writeRule(rule))));
  return rules.map((rule) => {
    const read = readRule(rule);
    const isKnown = read.ok && known.has(JSON.stringify(writeRule(read.value)));
    return isKnown ? rule : { ...rule, by, at: now };
  });
}

function remove(
  list: WorkloadRules,
  { target, protocol, port }: EgressRuleSubject,
  keep: (next: WorkloadRules, what: string) => Result<Edited, string>,
): Result<Edited, string> {
  const read = readTarget(target);
  if (!read.ok) return read;
  const text = targetText(read.value);
  const isMeant = (rule: EgressRule): boolean =>
    targetText(rule.target) === text &&
    (protocol === undefined || rule.protocol === protocol) &&
    (port === undefined || rule.port === port);
  const rules = list.rules.filter((rule) => !isMeant(rule));
  if (rules.length === list.rules.length) {
    return failed(
      `The list has no such rule about ${text}. Rules of profiles stay in the profile.`,
    );
  }
  return keep({ ...list, rules }, `${text} removed`);
}

function usePreset(
  book: RuleBook,
  { key }: Workload,
  name: string,
  { now }: Editor,
): Result<Edited, string> {
  const list = rulesOf(book, key);
  let next = book;
  let made = {};
  if (!book.profiles.has(name)) {
    const preset = presets.find((each) => each.name === name);
    if (preset === undefined)
      return failed(`There is no preset or profile ${JSON.stringify(name)}.`);
    const rules = readProfileRules(
      preset.rules.map((each) => ({ ...each, by: 'preset', at: now })),
    );
    if (!rules.ok) return failed(sentences(rules.error));
    const put = withProfile(book, name, { name, note: preset.note, rules: rules.value });
    if (!put.ok) return put;
    next = put.value;
    made = { profile: name };
  }
  if (list.profiles.includes(name)) return ok({ book: next, what: `profile ${name}`, ...made });
  const kept = withRules(next, key, { ...list, profiles: [...list.profiles, name] });
  return kept.ok ? ok({ book: kept.value, what: `profile ${name} used`, ...made }) : kept;
}

/** Says so when a name is kept in another spelling than it was given in. */
function shownOtherwise(given: string, kept: string): string | undefined {
  if (!/[^\u0000-\u007f]/.test(given)) return undefined;
  return `The name has letters of other scripts; on the wire, and in the list, it is ${kept}.`;
}
