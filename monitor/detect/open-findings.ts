import { atLeast, type Finding, type Severity } from '../model/finding.ts';
import type { Milliseconds, Moment } from '../model/time.ts';
import type { ContainerId, WorkloadKey } from '../model/workload.ts';
import { mixSeries } from './syscalls/call-mix.ts';
import type { Verdict } from './verdict.ts';

/** A finding that is open, and when its verdict was last held. */
interface OpenFinding {
  finding: Finding;
  heldAt: Moment;
  toldAt: Moment;
  acknowledged: boolean;
  /** Whether it was counted as an alarm. */
  counted: boolean;
}

/** The open findings of one container, by kind and series. */
export interface OpenFindings {
  readonly workload: WorkloadKey;
  readonly container: ContainerId;
  readonly open: Map<string, OpenFinding>;
}

/** A finding closes when its verdict has not been held for this long. */
const closeMs: Milliseconds = 15_000;

/** While a finding stays open, its figures are told again this often. */
const retellMs: Milliseconds = 10_000;

function slotOf(verdict: { kind: string; series: string }): string {
  return `${verdict.kind}/${verdict.series}`;
}

/** No finding is open; `restored` are those that were open when the monitor last stopped. */
export function createOpenFindings(
  workload: WorkloadKey,
  container: ContainerId,
  restored: readonly Finding[] = [],
): OpenFindings {
  const open = new Map<string, OpenFinding>();
  for (const finding of restored) {
    const slot = finding.id.split('|').slice(1, 3).join('/');
    open.set(slot, {
      finding,
      heldAt: finding.at,
      toldAt: finding.at,
      acknowledged: false,
      counted: true,
    });
  }
  return { workload, container, open };
}

function toFinding(findings: OpenFindings, verdict: Verdict, id: string, at: Moment): Finding {
  return {
    id,
    kind: verdict.kind,
    workload: findings.workload,
    container: findings.container,
    status: 'open',
    severity: verdict.severity,
    score: verdict.score,
    onsetAt: verdict.onsetAt,
    at,
    sentence: verdict.sentence,
    evidence: verdict.evidence,
    technique: verdict.technique,
  };
}

/** A finding never loses severity while it is open: what was once near the end stays grave. */
function worse(a: Severity, b: Severity): Severity {
  return atLeast(a, b) ? a : b;
}

/**
 * Holds the verdicts of this moment against the open findings. Gives what is new, what changed
 * enough to be told again, and what closed.
 */
export function followVerdicts(
  findings: OpenFindings,
  verdicts: readonly Verdict[],
  at: Moment,
): readonly Finding[] {
  const told: Finding[] = [];
  for (const verdict of verdicts) {
    const slot = slotOf(verdict);
    const known = findings.open.get(slot);
    if (known === undefined) {
      const id = `${findings.container.slice(0, 12)}|${slot.replace('/', '|')}|${Math.round(verdict.onsetAt)}`;
      const finding = toFinding(findings, verdict, id, at);
      findings.open.set(slot, {
        finding,
        heldAt: at,
        toldAt: at,
        acknowledged: false,
        counted: false,
      });
      told.push(finding);
      continue;
    }
    const severity = worse(verdict.severity, known.finding.severity);
    const finding = {
      ...toFinding(findings, verdict, known.finding.id, at),
      severity,
      onsetAt: known.finding.onsetAt,
    };
    const graver = severity !== known.finding.severity;
    known.finding = finding;
    known.heldAt = at;
    if (!graver && at - known.toldAt < retellMs) continue;
    known.toldAt = at;
    told.push(finding);
  }
  for (const [slot, known] of findings.open) {
    if (at - known.heldAt < closeMs) continue;
    findings.open.delete(slot);
    told.push({ ...known.finding, status: 'closed', at });
  }
  return told;
}

/** An open finding as its detector needs to know it. */
export interface FoundAlready {
  /** As in its id, to the millisecond. */
  readonly onsetAt: Moment;
  /** Whether the person holds it normal. */
  readonly acknowledged: boolean;
}

/** The finding that a verdict of this kind and series goes on with; undefined where it begins one. */
export function foundAlready(
  findings: OpenFindings,
  kind: Finding['kind'],
  series: string,
): FoundAlready | undefined {
  const known = findings.open.get(slotOf({ kind, series }));
  if (known === undefined) return undefined;
  return { onsetAt: Math.round(known.finding.onsetAt), acknowledged: known.acknowledged };
}

/** The ids of those that became alarms since this was asked last: that are above info. */
export function takeAlarms({ open }: OpenFindings): readonly string[] {
  const ids: string[] = [];
  for (const known of open.values()) {
    if (known.counted || !atLeast(known.finding.severity, 'low')) continue;
    known.counted = true;
    ids.push(known.finding.id);
  }
  return ids;
}

/** Closes everything but what `kept` still holds, because the container ended or is gone. */
export function closeFindings(
  findings: OpenFindings,
  at: Moment,
  kept: readonly Verdict[] = [],
): readonly Finding[] {
  const slots = new Set(kept.map(slotOf));
  const closed: Finding[] = [];
  for (const [slot, known] of findings.open) {
    if (slots.has(slot)) continue;
    findings.open.delete(slot);
    closed.push({ ...known.finding, status: 'closed', at });
  }
  return closed;
}

/** Lets time pass without a verdict and without closing anything: the container is frozen. */
export function holdFindings(findings: OpenFindings, at: Moment): void {
  for (const known of findings.open.values()) {
    known.heldAt = at;
    // The clock may have been set back.
    known.toldAt = Math.min(known.toldAt, at);
  }
}

/**
 * The person holds it normal: what it shows may be learned. Or, with `false`, no longer so. Returns
 * the finding; undefined when none with this id is open.
 */
export function acknowledge(
  findings: OpenFindings,
  id: string,
  acknowledged: boolean,
): Finding | undefined {
  for (const known of findings.open.values()) {
    if (known.finding.id !== id) continue;
    known.acknowledged = acknowledged;
    return known.finding;
  }
  return undefined;
}

/**
 * A level or a mix of calls that lasts this long is learned although it is told of: a workload may change for good, and
 * what is but unusual must not keep it from being known for ever.
 */
const longestMistrustMs: Milliseconds = 3_600_000;

/** A level or a mix of calls; everything else ends by itself, or is wrong whatever is usual. */
function lastsByNature({ id, kind }: Finding): boolean {
  return (
    kind === 'level-shift' ||
    kind === 'several-senses' ||
    (kind === 'unusual-calls' && id.includes(`|${mixSeries}|`))
  );
}

/** Since when what is seen at `at` must not be learned; undefined while all is well. */
export function mistrustedSince(findings: OpenFindings, at: Moment): Moment | undefined {
  let since: Moment | undefined;
  for (const { finding, acknowledged } of findings.open.values()) {
    if (acknowledged || !atLeast(finding.severity, 'low')) continue;
    if (lastsByNature(finding) && at - finding.onsetAt > longestMistrustMs) continue;
    if (since === undefined || finding.onsetAt < since) since = finding.onsetAt;
  }
  return since;
}
