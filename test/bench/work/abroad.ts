import type { EgressDestination } from '../../../monitor/model/egress.ts';
import type { ContainerObservation } from '../../../monitor/model/observation.ts';
import type { WorkRecording } from './work-recording.ts';

const namePort = 53;

/**
 * The recording with its destinations told as hosts abroad, one domain for each port, and so many times as
 * many bytes sent to them. What agents talk to in the bench has private addresses, of which no place is
 * made; the hosts it stands for are elsewhere.
 */
export function asIfAbroad(work: WorkRecording, times = 1): WorkRecording {
  const containers = work.containers.map((container) => ({
    ...container,
    phases: container.phases.map((phase) => ({
      ...phase,
      observations: phase.observations.map((seen) => abroad(seen, times)),
    })),
  }));
  return { ...work, containers };
}

function abroad(seen: ContainerObservation, times: number): ContainerObservation {
  if (seen.kind !== 'egress') return seen;
  return { ...seen, destinations: seen.destinations.map((each) => hostOf(each, times)) };
}

function hostOf(seen: EgressDestination, times: number): EgressDestination {
  if (seen.port === namePort) return seen;
  const name = `host.port-${seen.port ?? 0}.example`;
  return { ...seen, name, address: '203.0.113.2', sentBytes: times * seen.sentBytes };
}
