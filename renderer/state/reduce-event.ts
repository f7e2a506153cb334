import type { Action, Decision, Finding, MonitorEvent, WorkloadView } from './model.ts';
import { mostFindings, mostRecords, type ViewState } from './view-state.ts';

type Batch = Extract<MonitorEvent, { readonly kind: 'observations' }>;

/** The state after something the monitor told. Before the first snapshot there is nothing to change. */
export function reduceEvent(state: ViewState, event: MonitorEvent): ViewState {
  if (state.monitor === undefined) return state;
  const now = { ...state, monitor: { ...state.monitor, at: event.at } };
  switch (event.kind) {
    case 'observations':
      return withReadings(now, event);
    case 'finding':
      return { ...now, findings: withFinding(now.findings, event.finding) };
    case 'decision':
      return { ...now, decisions: withRecord(now.decisions, event.decision) };
    case 'action':
      return { ...now, actions: withRecord(now.actions, event.action) };
    case 'coverage': {
      const view = now.workloads.get(event.container);
      if (view === undefined) return now;
      const index = view.coverage.findIndex(({ sensor }) => sensor === event.coverage.sensor);
      // A new one comes last, as in the shell's picture, with which the window opens.
      const coverage =
        index < 0 ? [...view.coverage, event.coverage] : view.coverage.with(index, event.coverage);
      return withWorkload(now, { ...view, coverage });
    }
    case 'connection':
      return { ...now, monitor: { ...now.monitor, connection: event.connection } };
    case 'workload':
      if (event.change === 'gone') {
        const workloads = new Map(now.workloads);
        workloads.delete(event.view.workload.container);
        return { ...now, workloads };
      }
      return withWorkload(now, event.view);
    case 'policy':
      return { ...now, monitor: { ...now.monitor, policy: event.policy } };
    case 'lockdown':
      return { ...now, monitor: { ...now.monitor, lockdown: event.lockdown } };
    case 'held':
      return { ...now, monitor: { ...now.monitor, held: event.held } };
    case 'triage':
      return { ...now, monitor: { ...now.monitor, triage: event.triage } };
    default:
      // A newer monitor may tell more than this window knows.
      return now;
  }
}

function withReadings(state: ViewState, { observations, cost, leftOut }: Batch): ViewState {
  const workloads = new Map(state.workloads);
  for (const observation of observations) {
    if (observation.kind !== 'resource') continue;
    const view = workloads.get(observation.container);
    if (view === undefined) continue;
    workloads.set(observation.container, { ...view, resource: observation });
  }
  const monitor = state.monitor && { ...state.monitor, cost, leftOut };
  return { ...state, monitor, workloads, tick: state.tick + 1 };
}

function withWorkload(state: ViewState, view: WorkloadView): ViewState {
  const workloads = new Map(state.workloads);
  // A change of state carries the latest reading only if there is a newer one than is known here.
  const known = workloads.get(view.workload.container)?.resource;
  const resource =
    known !== undefined && known.at > (view.resource?.at ?? 0) ? known : view.resource;
  workloads.set(view.workload.container, { ...view, resource });
  return { ...state, workloads };
}

/** Findings in their latest versions; beyond the bound those that are over go first, then the oldest. */
export function keptFindings(told: readonly Finding[]): ReadonlyMap<string, Finding> {
  const all = new Map<string, Finding>();
  for (const finding of told) {
    const known = all.get(finding.id);
    if (known === undefined || known.at <= finding.at) all.set(finding.id, finding);
  }
  if (all.size <= mostFindings) return all;
  const kept = [...all.values()].sort(byUrgencyToForget).slice(-mostFindings);
  return new Map(kept.map((finding) => [finding.id, finding]));
}

/** The findings with this one in its latest version; beyond the bound the oldest go. */
export function withFinding(
  findings: ReadonlyMap<string, Finding>,
  finding: Finding,
): ReadonlyMap<string, Finding> {
  const known = findings.get(finding.id);
  if (known !== undefined && known.at > finding.at) return findings;
  const all = new Map(findings);
  all.set(finding.id, finding);
  if (all.size > mostFindings) {
    const [oldest] = [...all.values()].sort(byUrgencyToForget);
    if (oldest !== undefined) all.delete(oldest.id);
  }
  return all;
}

function byUrgencyToForget(one: Finding, other: Finding): number {
  if (one.status !== other.status) return one.status === 'closed' ? -1 : 1;
  return one.at - other.at;
}

/** Newest first; a record told again takes the place of what was told before. */
export function withRecord<Item extends Action | Decision>(
  records: readonly Item[],
  item: Item,
): readonly Item[] {
  const index = records.findIndex(({ id }) => id === item.id);
  if (index >= 0) return records.with(index, item);
  return [item, ...records].slice(0, mostRecords);
}
