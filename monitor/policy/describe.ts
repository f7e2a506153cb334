import type { Decision, PlannedAction } from '../model/decision.ts';
import type { WorkloadPatterns, WorkloadSelector } from '../model/selector.ts';
import type { Moment } from '../model/time.ts';
import { containingActions, enforcesContainment } from './policy.ts';
import type { Policy, Rule } from './policy.ts';
import { formatDuration, formatSize } from './quantity.ts';

/**
 * What was decided: `would have paused web at 14:03:22 because of this: Memory grows …`, or, when it
 * is to be enforced, `decided at 14:03:22 to pause web because of this: …`. What then became of it
 * only the action's record knows. `name` is the container's, `reason` the finding's sentence, both
 * untrusted: whoever shows the result makes it plain text. `clock` writes a moment for the reader.
 */
export function describeDecision(
  decision: Pick<Decision, 'mode' | 'actions' | 'at'>,
  about: { readonly name: string; readonly reason: string },
  clock: (at: Moment) => string,
): string {
  const { name, reason } = about;
  const acts = decision.actions.filter((action) => action.kind !== 'notify');
  const time = clock(decision.at);
  if (acts.length === 0) return `told of ${name} at ${time} because of this: ${reason}`;
  if (decision.mode === 'observe') {
    return `would have ${inOneLine(acts.map((action) => done(action, name)))} at ${time} because of this: ${reason}`;
  }
  return `decided at ${time} to ${inOneLine(acts.map((action) => toDo(action, name)))} because of this: ${reason}`;
}

/** The policy in sentences, one a line: the mode, the protected workloads, then each rule. */
export function describePolicy(policy: Policy): readonly string[] {
  const patterns = describePatterns(policy.protect, ' or ');
  const watched = describeWorkloads(policy.watch);
  return [
    describeMode(policy),
    ...(watched === 'every workload' ? [] : [`Watches only ${watched}.`]),
    ...(patterns === '' ? [] : [`Never acts on ${patterns}.`]),
    ...policy.rules.map((rule) => describeRule(rule, policy)),
  ];
}

/** Rules may have a mode of their own: what the policy does is said by what its rules do. */
function describeMode({ mode, rules, limits }: Policy): string {
  const acting = rules.filter(enforcesContainment).length;
  const observing = rules.filter((rule) => containingActions(rule).length > 0).length - acting;
  const cap = limits.actionsPerMinute;
  const most = `at most ${cap === 1 ? 'once' : `${cap} times`} a minute`;
  const of = `of its ${rules.length} rules`;
  if (mode === 'observe') {
    if (acting === 0) return 'Observes: says what it would have done, and does nothing.';
    const by = rules.length === 1 ? 'its only rule' : `${acting} ${of}`;
    return `Observes, but acts by ${by}, ${most}.`;
  }
  if (acting === 0) return 'Enforces, but none of its rules acts: it only tells.';
  return `Enforces: acts, ${most}${observing === 0 ? '' : `, but only observes by ${observing} ${of}`}.`;
}

function describeRule(rule: Rule, policy: Policy): string {
  const mode = rule.mode === policy.mode ? '' : ` (${rule.mode})`;
  const actions = inOneLine(rule.actions.map((action) => toDo(action, 'the container')));
  return `${rule.name}${mode}: ${describeOccasion(rule)}, ${actions}; ${describeCooldown(rule)}.`;
}

function describeOccasion({ workloads, condition, hold }: Rule): string {
  const text = condition.text.trim().replace(/\s+/g, ' ');
  const held = hold === 0 ? '' : ` for ${formatDuration(hold)}`;
  return `for ${describeWorkloads(workloads)}, when ${text}${held}`;
}

function describeCooldown(rule: Rule): string {
  const per = containingActions(rule).length === 0 ? 'workload' : 'container';
  return `once in ${formatDuration(rule.cooldown)} for a ${per}`;
}

/** Which workloads a selector means: `every workload`, `images node except names web`. */
export function describeWorkloads(selector: WorkloadSelector): string {
  const wanted = describePatterns(selector, ' and ');
  const excluded = describePatterns(selector.exclude, ' or ');
  const base = wanted === '' ? 'every workload' : wanted;
  return excluded === '' ? base : `${base} except ${excluded}`;
}

function describePatterns(patterns: WorkloadPatterns, joint: ' and ' | ' or '): string {
  const part = (noun: string, list: readonly string[]): readonly string[] =>
    list.length === 0 ? [] : [`${noun} ${list.join(' or ')}`];
  return [
    ...part('names', patterns.names),
    ...part('images', patterns.images),
    ...part('compose projects', patterns.composeProjects),
    ...Object.entries(patterns.labels).map(([key, value]) =>
      value === true ? `label ${key}` : `label ${key}=${value}`,
    ),
  ].join(joint);
}

function done(action: PlannedAction, name: string): string {
  switch (action.kind) {
    case 'notify':
      return `told of ${name}`;
    case 'pause':
      return `paused ${name}`;
    case 'kill':
      return `killed ${name}`;
    case 'stop':
      return `stopped ${name}`;
    case 'limit':
      return `limited ${name} to ${limits(action)}`;
    case 'quarantine':
      return `cut ${name} off from its networks`;
  }
}

function toDo(action: PlannedAction, name: string): string {
  switch (action.kind) {
    case 'notify':
      return 'tell';
    case 'pause':
      return `pause ${name}`;
    case 'kill':
      return `kill ${name}`;
    case 'stop':
      return `stop ${name}, killing it after ${action.graceSeconds}s`;
    case 'limit':
      return `limit ${name} to ${limits(action)}`;
    case 'quarantine':
      return `cut ${name} off from its networks`;
  }
}

function limits(action: PlannedAction & { readonly kind: 'limit' }): string {
  return inOneLine([
    ...(action.cpus === undefined
      ? []
      : [`${action.cpus} ${action.cpus === 1 ? 'core' : 'cores'}`]),
    ...(action.memoryBytes === undefined ? [] : [formatSize(action.memoryBytes)]),
    ...(action.pids === undefined
      ? []
      : [`${action.pids} ${action.pids === 1 ? 'process' : 'processes'}`]),
  ]);
}

/** `a`, `a and b`, `a, b and c`. */
function inOneLine(parts: readonly string[]): string {
  const last = parts.at(-1) ?? 'nothing';
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} and ${last}`;
}
