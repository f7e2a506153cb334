import { setImmediate } from 'node:timers/promises';
import type { Decision } from '../../model/decision.ts';
import type { Moment } from '../../model/time.ts';
import type { Workload, WorkloadKey } from '../../model/workload.ts';
import type { EvaluationProblem } from '../../policy/evaluate.ts';
import type { Policy } from '../../policy/policy.ts';
import { replayInSteps, type RecordedVersion } from '../../policy/replay.ts';
import type { RecordedFinding } from '../../record/findings.ts';
import type { Store } from '../../record/store.ts';
import type { PolicyPreview, RulePreview } from '../../rpc/service/service-policy.ts';
import type { Losses } from '../losses.ts';

const mostFindings = 1000;
const mostWorkloads = 50;
const mostExamples = 5;
const mostProblems = 20;

/** Watching is not kept waiting for longer than this at a time, milliseconds. */
const sliceMs = 10;

/** A preview while it is being made. */
export interface PreviewTrial {
  done: number;
  of: number;
  isCancelled: boolean;
}

/**
 * What `policy` would have done over the findings recorded between `from` and `to`: see
 * `PolicyPreview` for what is assumed. Gives way to other work every 10 ms, and says to `trial` how far
 * it has come; undefined when it was given up.
 */
export async function previewPolicy(
  policy: Policy,
  { from, to }: { readonly from: Moment; readonly to: Moment },
  store: Pick<Store, 'findings' | 'workloads'>,
  losses: Losses,
  trial: PreviewTrial,
): Promise<PolicyPreview | undefined> {
  const listed = store.findings.list({ since: from, limit: mostFindings });
  losses.check(listed);
  const known = store.workloads.all();
  losses.check(known);
  const workloads = new Map(
    (known.ok ? known.value : []).map(({ workload }) => [workload.key, workload]),
  );
  const recorded = (listed.ok ? listed.value : []).filter(({ firstSeenAt }) => firstSeenAt < to);
  const tried = recorded.filter(({ finding }) => workloads.has(finding.workload));
  const versions = versionsOf(tried, workloads, from, to);

  trial.of = versions.length;
  const counted = counting(versions, trial);
  const replay = replayInSteps(policy, counted, { until: to, isSparse: true });
  let sliceEnd = performance.now() + sliceMs;
  let step = replay.next();
  while (step.done !== true) {
    if (performance.now() >= sliceEnd) {
      await setImmediate();
      if (trial.isCancelled) return undefined;
      sliceEnd = performance.now() + sliceMs;
    }
    step = replay.next();
  }
  const { decisions, problems } = step.value;
  const sentences = new Map(tried.map(({ finding }) => [finding.id, finding.sentence]));
  return {
    from,
    to,
    findings: tried.length,
    isCut: listed.ok && listed.value.length === mostFindings,
    leftOut: recorded.length - tried.length,
    rules: policy.rules.map((rule) =>
      rulePreview(
        rule,
        decisions.filter((decision) => decision.rule === rule.name),
        workloads,
        sentences,
      ),
    ),
    problems: [...new Set(problems.map(problemWords))].slice(0, mostProblems),
  };
}

/** The same versions; each that is taken counts as done before the next. */
function* counting(
  versions: readonly RecordedVersion[],
  trial: PreviewTrial,
): Generator<RecordedVersion, void> {
  for (const version of versions) {
    yield version;
    trial.done += 1;
  }
}

/** Open from its first sight to its end, all within `from` and `to`; in the order of time. */
function versionsOf(
  tried: readonly RecordedFinding[],
  workloads: ReadonlyMap<WorkloadKey, Workload>,
  from: Moment,
  to: Moment,
): readonly RecordedVersion[] {
  return tried
    .flatMap(({ finding, firstSeenAt }): readonly RecordedVersion[] => {
      const last = workloads.get(finding.workload);
      if (last === undefined) return [];
      const workload: Workload = { ...last, container: finding.container, state: 'running' };
      const begins: RecordedVersion = {
        finding: { ...finding, status: 'open', at: Math.max(firstSeenAt, from) },
        workload,
      };
      const isOver = finding.status === 'closed' && finding.at < to;
      return isOver ? [begins, { finding, workload }] : [begins];
    })
    .toSorted((one, other) => one.finding.at - other.finding.at);
}

function rulePreview(
  { name, mode }: Pick<Policy['rules'][number], 'name' | 'mode'>,
  decisions: readonly Decision[],
  workloads: ReadonlyMap<WorkloadKey, Workload>,
  sentences: ReadonlyMap<string, string>,
): RulePreview {
  const counts = new Map<WorkloadKey, number>();
  for (const { workload } of decisions) counts.set(workload, (counts.get(workload) ?? 0) + 1);
  const nameOf = (workload: WorkloadKey): string => workloads.get(workload)?.name ?? workload;
  return {
    rule: name,
    mode,
    decisions: decisions.length,
    workloads: [...counts]
      .toSorted(([, one], [, other]) => other - one)
      .slice(0, mostWorkloads)
      .map(([workload, count]) => ({ workload, name: nameOf(workload), decisions: count })),
    examples: decisions
      .slice(-mostExamples)
      .toReversed()
      .map(({ at, finding, workload, actions }) => ({
        at,
        finding,
        sentence: sentences.get(finding) ?? '',
        workload,
        name: nameOf(workload),
        actions,
      })),
  };
}

function problemWords(problem: EvaluationProblem): string {
  return problem.kind === 'condition-failed'
    ? `Rule ${problem.rule} (line ${problem.line}) could not be evaluated on some findings: ${problem.message}`
    : `So many ${problem.what} at once that some were forgotten, as they would be in life.`;
}
