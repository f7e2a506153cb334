import type { Decision } from '../../monitor/model/decision.ts';
import type { Finding } from '../../monitor/model/finding.ts';
import type { ContainerId } from '../../monitor/model/workload.ts';
import { assertNever } from '../../monitor/runtime/assert-never.ts';
import type {
  ConnectionView,
  MonitorEvent,
  MonitorSnapshot,
  WorkloadView,
} from '../../monitor/rpc/service/service.ts';
import type { PolicyView } from '../../monitor/rpc/service/service-policy.ts';

/** How many findings, decisions and names of containers that are gone are remembered. */
const rememberedLimit = 500;

/** What the shell knows of the monitor's world: what a window begins with, and what was told since. */
export interface Picture {
  /** As the monitor told it, without what follows. */
  standing: Omit<MonitorSnapshot, 'connection' | 'policy' | 'workloads'>;
  connection: ConnectionView;
  policy: PolicyView;
  readonly simulated: boolean;
  readonly workloads: Map<ContainerId, WorkloadView>;
  /** The latest version of each, the last told last. */
  readonly findings: Map<string, Finding>;
  readonly decisions: Map<string, Decision>;
  readonly names: Map<ContainerId, string>;
}

/** A picture of what the monitor knew when it was asked. */
export function createPicture(snapshot: MonitorSnapshot, findings: readonly Finding[]): Picture {
  const { connection, policy, workloads, ...standing } = snapshot;
  const picture: Picture = {
    standing,
    connection,
    policy,
    simulated: snapshot.simulated,
    workloads: new Map(workloads.map((view) => [view.workload.container, view])),
    findings: new Map(),
    decisions: new Map(),
    names: new Map(),
  };
  for (const { workload } of snapshot.workloads) {
    remember(picture.names, workload.container, workload.name);
  }
  for (const finding of findings.toReversed()) remember(picture.findings, finding.id, finding);
  return picture;
}

/** Everything at this moment, as the monitor would answer it. */
export function snapshotOf({ standing, ...picture }: Picture): MonitorSnapshot {
  const { connection, policy } = picture;
  return { ...standing, connection, policy, workloads: [...picture.workloads.values()] };
}

function remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key);
  map.set(key, value);
  const oldest = map.keys().next();
  if (map.size > rememberedLimit && oldest.done !== true) map.delete(oldest.value);
}

/** The container's name, or the beginning of its id where the name is not known. Untrusted text. */
export function nameOf(picture: Picture, container: ContainerId): string {
  return picture.names.get(container) ?? container.slice(0, 12);
}

/**
 * Brings the picture up to date, in place. True when the tray may have to change: readings, of which
 * there are many, never change it.
 */
export function applyEvent(picture: Picture, event: MonitorEvent): boolean {
  picture.standing = { ...picture.standing, at: event.at };
  switch (event.kind) {
    case 'observations':
      takeReadings(picture, event);
      return false;
    case 'action':
      return false;
    case 'lockdown':
      picture.standing = { ...picture.standing, lockdown: event.lockdown };
      return true;
    case 'held':
      picture.standing = { ...picture.standing, held: event.held };
      return true;
    case 'triage':
      picture.standing = { ...picture.standing, triage: event.triage };
      return false;
    case 'finding':
      remember(picture.findings, event.finding.id, event.finding);
      return false;
    case 'decision':
      remember(picture.decisions, event.decision.id, event.decision);
      return false;
    case 'coverage': {
      const view = picture.workloads.get(event.container);
      if (view === undefined) return false;
      const isKnown = view.coverage.some(({ sensor }) => sensor === event.coverage.sensor);
      // In its place: the window shows the sensors in this order.
      const coverage = isKnown
        ? view.coverage.map((known) =>
            known.sensor === event.coverage.sensor ? event.coverage : known,
          )
        : [...view.coverage, event.coverage];
      picture.workloads.set(event.container, { ...view, coverage });
      return true;
    }
    case 'connection':
      picture.connection = event.connection;
      return true;
    case 'workload': {
      const { container, name } = event.view.workload;
      remember(picture.names, container, name);
      if (event.change === 'gone') picture.workloads.delete(container);
      else takeView(picture, event.view);
      return true;
    }
    case 'policy':
      picture.policy = event.policy;
      return true;
    default:
      return assertNever(event);
  }
}

function takeReadings(
  picture: Picture,
  { observations, cost, leftOut }: Extract<MonitorEvent, { readonly kind: 'observations' }>,
): void {
  picture.standing = { ...picture.standing, cost, leftOut };
  for (const observation of observations) {
    if (observation.kind !== 'resource') continue;
    const view = picture.workloads.get(observation.container);
    if (view !== undefined) {
      picture.workloads.set(observation.container, { ...view, resource: observation });
    }
  }
}

function takeView(picture: Picture, view: WorkloadView): void {
  // A change of state carries the latest reading only if there is a newer one than is known here.
  const known = picture.workloads.get(view.workload.container)?.resource;
  const isNewer = known !== undefined && known.at > (view.resource?.at ?? 0);
  picture.workloads.set(view.workload.container, isNewer ? { ...view, resource: known } : view);
}
