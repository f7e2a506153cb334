import { createHash } from 'node:crypto';
import { z } from 'zod';
import { egressModes, type EgressMode, type WrittenEgressRule } from '../../model/egress.ts';
import type { Moment } from '../../model/time.ts';
import type { WorkloadKey } from '../../model/workload.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';
import { readRule, ruleKey, writeRule, writtenRuleSchema, type EgressRule } from './rule.ts';
import { rulesOf, withProfile, withRules, type RuleBook } from './rule-book.ts';
import { readRules } from './check-list.ts';

/** What a change took away and brought, enough to take it back. */
export interface ListChange {
  readonly at: Moment;
  /** In words, for a person: `allow example.com`. */
  readonly what: string;
  /** As it was before. */
  readonly mode: EgressMode;
  readonly profiles: readonly string[];
  /** Rules that were there before and are not after, and the subjects of those that are new. */
  readonly removed: readonly WrittenEgressRule[];
  readonly added: readonly string[];
  /** A profile that was changed, as it was; without rules there was none. */
  readonly profile?:
    | {
        readonly name: string;
        readonly note?: string | undefined;
        readonly rules?: readonly WrittenEgressRule[] | undefined;
        /** A digest of the rules that the change left; undefined in changes of earlier versions. */
        readonly left?: string | undefined;
      }
    | undefined;
}

/** Changes of one list, the latest last, as they are kept. */
export const changesSchema: z.ZodType<readonly ListChange[]> = z.array(
  z.object({
    at: z.number(),
    what: z.string(),
    mode: z.enum(egressModes),
    profiles: z.array(z.string()),
    removed: z.array(writtenRuleSchema),
    added: z.array(z.string()),
    profile: z
      .object({
        name: z.string(),
        note: z.string().optional(),
        rules: z.array(writtenRuleSchema).optional(),
        left: z.string().optional(),
      })
      .optional(),
  }),
);

/** How many changes of a list can be taken back. */
export const mostChanges = 20;

/** What leads from one book to the next in the list of a workload. */
export function changeBetween(
  before: RuleBook,
  after: RuleBook,
  workload: WorkloadKey,
  what: string,
  at: Moment,
  profile?: string,
): ListChange {
  const [was, is] = [rulesOf(before, workload), rulesOf(after, workload)];
  // Most rules of a long list are the very same after an edit: only the others are compared as texts.
  const [here, there] = [new Set(was.rules), new Set(is.rules)];
  const texts = (rules: typeof was.rules, others: ReadonlySet<EgressRule>) =>
    new Map(
      rules
        .filter((rule) => !others.has(rule))
        .map((rule) => [JSON.stringify(writeRule(rule)), rule] as const),
    );
  const [had, has] = [texts(was.rules, there), texts(is.rules, here)];
  const old = profile === undefined ? undefined : before.profiles.get(profile);
  const left = profile === undefined ? undefined : after.profiles.get(profile);
  return {
    at,
    what,
    mode: was.mode,
    profiles: was.profiles,
    removed: [...had].flatMap(([text, rule]) => (has.has(text) ? [] : [writeRule(rule)])),
    added: [...has].flatMap(([text, rule]) => (had.has(text) ? [] : [ruleKey(rule)])),
    ...(profile === undefined
      ? {}
      : {
          profile: {
            name: profile,
            ...(old === undefined ? {} : { note: old.note, rules: old.rules.map(writeRule) }),
            ...(left === undefined ? {} : { left: digestOf(left.rules) }),
          },
        }),
  };
}

/**
 * The change that is to be taken back: the latest. Fails with a sentence where there is none, and where
 * `what` tells another one than whoever asks has seen.
 */
export function latestChange(
  changes: readonly ListChange[],
  what: string | undefined,
): Result<ListChange, string> {
  const last = changes.at(-1);
  if (last === undefined) return failed('There is no change that could be taken back.');
  if (what === undefined || what === last.what) return ok(last);
  return failed(`The latest change is another by now: ${last.what}.`);
}

/** The book without the change; fails with a sentence where what came later stands against it. */
export function takeBack(
  book: RuleBook,
  workload: WorkloadKey,
  change: ListChange,
): Result<RuleBook, string> {
  const added = new Set(change.added);
  const back = change.removed.flatMap((written) => {
    const rule = readRule(written);
    return rule.ok ? [rule.value] : [];
  });
  const returning = new Set(back.map(ruleKey));
  const list = rulesOf(book, workload);
  const rules = [
    ...list.rules.filter((rule) => !added.has(ruleKey(rule)) && !returning.has(ruleKey(rule))),
    ...back,
  ];
  const { profile } = change;
  const present = profile === undefined ? undefined : book.profiles.get(profile.name);
  if (profile?.left !== undefined && present && digestOf(present.rules) !== profile.left) {
    return failed(
      `The profile ${profile.name} was changed since, and not by this list: change the profile instead.`,
    );
  }
  let next = book;
  if (profile?.rules !== undefined) {
    const read = readRules(profile.rules, () => ok(undefined));
    if (!read.ok) return failed(read.error[0]?.message ?? 'The profile of before is not readable.');
    const { name, note } = profile;
    const put = withProfile(next, name, { name, note, rules: read.value });
    if (!put.ok) return put;
    next = put.value;
  }
  const changed = withRules(next, workload, {
    mode: change.mode,
    rules,
    profiles: change.profiles,
  });
  if (!changed.ok || profile === undefined || profile.rules !== undefined) return changed;
  // It was new: it goes again, unless others have taken it up meanwhile.
  const without = withProfile(changed.value, profile.name, undefined);
  return without.ok ? without : changed;
}

function digestOf(rules: readonly EgressRule[]): string {
  return createHash('sha256')
    .update(JSON.stringify(rules.map(writeRule)))
    .digest('hex');
}
