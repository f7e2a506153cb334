import type { ResourceObservation } from '../model/observation.ts';

/**
 * Resource use over about one second. Under suspicion a container is sampled up to ten times a
 * second; what judges by history wants the same grain always, so that its figures stay comparable.
 */
export type Second = ResourceObservation;

/** Observations on their way to a full second. */
export interface SecondState {
  pending: ResourceObservation | undefined;
}

/** From this length on an interval counts as a second: a sampling period jitters a little. */
const fullMs = 900;

/** Nothing pending. */
export function createSecondState(): SecondState {
  return { pending: undefined };
}

function mean(a: number, aMs: number, b: number, bMs: number): number {
  return (a * aMs + b * bMs) / (aMs + bMs);
}

/** Two intervals that follow each other, as one: rates averaged over time, gauges from the later. */
function join(first: ResourceObservation, next: ResourceObservation): ResourceObservation {
  const a = first.intervalMs;
  const b = next.intervalMs;
  return {
    ...next,
    intervalMs: a + b,
    cpuCores: mean(first.cpuCores, a, next.cpuCores, b),
    throttledShare: mean(first.throttledShare, a, next.throttledShare, b),
    faultsPerSecond: mean(first.faultsPerSecond, a, next.faultsPerSecond, b),
    network:
      first.network === undefined || next.network === undefined
        ? next.network
        : {
            receivedBytes: mean(first.network.receivedBytes, a, next.network.receivedBytes, b),
            sentBytes: mean(first.network.sentBytes, a, next.network.sentBytes, b),
            receivedPackets: mean(
              first.network.receivedPackets,
              a,
              next.network.receivedPackets,
              b,
            ),
            sentPackets: mean(first.network.sentPackets, a, next.network.sentPackets, b),
          },
    block:
      first.block === undefined || next.block === undefined
        ? next.block
        : {
            readBytes: mean(first.block.readBytes, a, next.block.readBytes, b),
            writtenBytes: mean(first.block.writtenBytes, a, next.block.writtenBytes, b),
          },
  };
}

/** Takes an observation; gives a second when one is full. */
export function gatherSecond(
  state: SecondState,
  observation: ResourceObservation,
): Second | undefined {
  const joined = state.pending === undefined ? observation : join(state.pending, observation);
  if (joined.intervalMs < fullMs) {
    state.pending = joined;
    return undefined;
  }
  state.pending = undefined;
  return joined;
}
