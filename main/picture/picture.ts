import type { Decision } from '../../monitor/model/decision.ts';
import type { Finding } from '../../monitor/model/finding.ts';
import type { ContainerId } from '../../monitor/model/workload.ts';
import { assertNever } from '../../monitor/runtime/assert-never.ts';
import type {
  ConnectionView,
  MonitorEvent,
  MonitorSnapshot,
  WorkloadView,
} from '../../monitor/rpc/service.ts';
import type { PolicyView } from '../../monitor/rpc/service-policy.ts';

/** How many findings, decisions and names of containers that are gone are remembered. */
const rememberedLimit = 500;

/** What the shell knows of the monitor's world: as little as tray and notifications need. */
export interface Picture {
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
  const picture: Picture = {
    connection: snapshot.connection,
    policy: snapshot.policy,
    simulated: snapshot.simulated,
    workloads: new Map(snapshot.workloads.map((view) => [view.workload.container, view])),
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
  switch (event.kind) {
    case 'observations':
    case 'action':
    case 'triage':
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
      const others = view.coverage.filter(({ sensor }) => sensor !== event.coverage.sensor);
      picture.workloads.set(event.container, { ...view, coverage: [...others, event.coverage] });
      return true;
    }
    case 'connection':
      picture.connection = event.connection;
      return true;
    case 'workload': {
      const { container, name } = event.view.workload;
      remember(picture.names, container, name);
      if (event.change === 'gone') picture.workloads.delete(container);
      else picture.workloads.set(container, event.view);
      return true;
    }
    case 'policy':
      picture.policy = event.policy;
      return true;
    default:
      return assertNever(event);
  }
}
