import type {
  AskedName,
  EgressDestination,
  EgressMode,
  EgressRuleUse,
  WrittenEgressProfile,
  WrittenEgressRule,
} from '../../model/egress.ts';
import type { WorkloadKey } from '../../model/workload.ts';
import { versionOf } from './edit.ts';
import { writeRule, type EgressRule } from './rule.ts';
import { rulesOf, type RuleBook } from './rule-book.ts';

/** How often a rule was used, and whether it seems to be needed no more. */
export type RuleUse = EgressRuleUse & { readonly isIdle: boolean };

/** The list of a container's workload, and what was seen of the container lately. */
export interface EgressList {
  readonly mode: EgressMode;
  /** Changes with the list: see `versionOf`. */
  readonly version: string;
  readonly rules: readonly WrittenEgressRule[];
  /** Of each rule, in the same order. */
  readonly uses: readonly RuleUse[];
  /** The profiles that it has. */
  readonly profiles: readonly WrittenEgressProfile[];
  /** What the next undo takes back, in words. */
  readonly undo: string | undefined;
  readonly destinations: readonly EgressDestination[];
  readonly names: readonly AskedName[];
}

/** The list as it is shown, with what is known besides of its rules and of the container. */
export function listView(
  book: RuleBook,
  key: WorkloadKey,
  known: {
    readonly useOf: (rule: EgressRule) => RuleUse;
    readonly undo: string | undefined;
    readonly lately: Pick<EgressList, 'destinations' | 'names'> | undefined;
  },
): EgressList {
  const list = rulesOf(book, key);
  return {
    mode: list.mode,
    version: versionOf(list),
    rules: list.rules.map(writeRule),
    uses: list.rules.map(known.useOf),
    profiles: list.profiles.flatMap((name) => profileView(book, name)),
    undo: known.undo,
    destinations: known.lately?.destinations ?? [],
    names: known.lately?.names ?? [],
  };
}

/** Every profile of the book. */
export function profilesOf(book: RuleBook): readonly WrittenEgressProfile[] {
  return [...book.profiles.keys()].flatMap((name) => profileView(book, name));
}

function profileView(book: RuleBook, name: string): WrittenEgressProfile[] {
  const profile = book.profiles.get(name);
  if (profile === undefined) return [];
  const { note, rules } = profile;
  return [{ name, ...(note === undefined ? {} : { note }), rules: rules.map(writeRule) }];
}
