import type { z } from 'zod';
import { compileCondition } from './condition.ts';
import { readDocument } from './document.ts';
import type { DocumentPath, PolicyDocument } from './document.ts';
import { everyWorkload } from '../model/selector.ts';
import type { Policy, Rule } from './policy.ts';
import { quoted } from './problem.ts';
import type { Loaded, PolicyProblem } from './problem.ts';
import { policySchema } from './schema.ts';
import type { WrittenPolicy } from './schema.ts';
import { explainIssue } from './issue.ts';

const mostProblems = 50;
const mostRules = 200;

/** A policy that is in order, and what its author may still want to know. */
export interface LoadedPolicy {
  readonly policy: Policy;
  readonly warnings: readonly PolicyProblem[];
}

/**
 * Reads a policy file's text: YAML of at most 256 KB and 200 rules, conditions in CEL. Returns the
 * policy, or what is wrong with it in the order of the lines, at most 50 problems and at least one.
 * Never throws.
 */
export function loadPolicy(text: string): Loaded<LoadedPolicy> {
  const document = readDocument(text);
  if (!document.ok) return refused(document.error);
  const written = policySchema.safeParse(document.value.value, { reportInput: true });
  const rules: Rule[] = [];
  // Names and conditions are looked at even when the shape is wrong: a person wants to see
  // everything at once.
  const problems: PolicyProblem[] = [...nameProblems(document.value)];
  if (!written.success) {
    const shape = written.error.issues.flatMap((issue) => problemsOf(issue, document.value));
    return refused([...shape, ...problems, ...conditionProblems(document.value)]);
  }
  for (const [index, rule] of written.data.rules.entries()) {
    const compiled = compileRule(rule, index, written.data, document.value);
    if (compiled.ok) rules.push(compiled.value);
    else problems.push(...compiled.error);
  }
  if (problems.length > 0) return refused(problems);
  const { version, mode, watch = everyWorkload, protect, limits } = written.data;
  const policy = { version, mode, watch, protect, limits, rules };
  return { ok: true, value: { policy, warnings: warningsAbout(policy, document.value) } };
}

function compileRule(
  rule: WrittenPolicy['rules'][number],
  index: number,
  written: WrittenPolicy,
  document: PolicyDocument,
): Loaded<Rule> {
  const condition = compileCondition(rule.when);
  if (!condition.ok) {
    return { ok: false, error: [conditionProblem(index, condition.error, document)] };
  }
  const workloads = rule.for ?? everyWorkload;
  return {
    ok: true,
    value: {
      name: rule.name,
      line: document.keyAt(['rules', index, 'name']).line,
      mode: rule.mode ?? written.mode,
      workloads,
      condition: condition.value,
      hold: rule.hold,
      actions: rule.do,
      cooldown: rule.cooldown,
      fingerprint: fingerprint(JSON.stringify([rule.when, workloads])),
    },
  };
}

/** Names that a rule before has already. */
function nameProblems(document: PolicyDocument): readonly PolicyProblem[] {
  const seen = new Set<string>();
  return rawRules(document).flatMap((rule, index) => {
    const { name } = rule;
    if (typeof name !== 'string') return [];
    if (!seen.has(name)) {
      seen.add(name);
      return [];
    }
    const message = `Another rule is called ${quoted(name)} already.`;
    return [{ ...document.valueAt(['rules', index, 'name']), message }];
  });
}

/** The faults of the conditions in a document whose shape is not in order. */
function conditionProblems(document: PolicyDocument): readonly PolicyProblem[] {
  return rawRules(document).flatMap((rule, index) => {
    if (typeof rule.when !== 'string') return [];
    const compiled = compileCondition(rule.when);
    return compiled.ok ? [] : [conditionProblem(index, compiled.error, document)];
  });
}

/** The rules as they stand in the file, whatever they are, within the bound on rules. */
function rawRules(document: PolicyDocument): readonly { name?: unknown; when?: unknown }[] {
  const rules = (document.value as { rules?: unknown } | null | undefined)?.rules;
  if (!Array.isArray(rules)) return [];
  return rules.slice(0, mostRules).map((rule: unknown) => rule ?? {});
}

function conditionProblem(
  index: number,
  fault: { readonly offset: number; readonly message: string },
  document: PolicyDocument,
): PolicyProblem {
  return { ...document.insideAt(['rules', index, 'when'], fault.offset), message: fault.message };
}

function problemsOf(issue: z.core.$ZodIssue, document: PolicyDocument): readonly PolicyProblem[] {
  return explainIssue(issue).map(({ path, ofKey, message }) => ({
    ...(ofKey ? document.keyAt(path) : document.valueAt(path)),
    message,
  }));
}

function warningsAbout(policy: Policy, document: PolicyDocument): readonly PolicyProblem[] {
  if (policy.rules.length === 0) {
    const message = 'There are no rules: nothing will be decided, nobody will be told.';
    return [{ ...document.keyAt(['rules']), message }];
  }
  return policy.rules.flatMap((rule, index) => {
    if (rule.actions.some((action) => action.kind === 'notify')) return [];
    const path: DocumentPath = ['rules', index, 'do'];
    return [
      {
        ...document.valueAt(path),
        message: `Rule "${rule.name}" acts without telling. Add notify.`,
      },
    ];
  });
}

function refused(problems: readonly PolicyProblem[]): Loaded<never> {
  const sorted = problems.toSorted(
    (left, right) => left.line - right.line || left.column - right.column,
  );
  const shown = sorted.slice(0, mostProblems);
  const next = sorted[mostProblems - 1];
  if (sorted.length > mostProblems && next !== undefined) {
    const left = sorted.length - mostProblems;
    const message = `${next.message} And ${left} more ${left === 1 ? 'problem' : 'problems'} after this one.`;
    return { ok: false, error: [...shown.slice(0, -1), { ...next, message }] };
  }
  return { ok: false, error: shown };
}

/** A short name for a text (FNV-1a, 32 bits): to see that it changed, not against forgery. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0).toString(16);
}
