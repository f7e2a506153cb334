import type { Containment } from '../model/containment.ts';
import type { NetworkAttachment } from '../model/workload.ts';

/** What is known of a container when its holes are told. */
export interface Circumstances {
  readonly depth: Containment['depth'];
  readonly network: NetworkAttachment;
  /** Whether it has processes, frozen ones included. */
  readonly up: boolean;
  /** Names of the containers that live in this one's network namespace. Untrusted text. */
  readonly sharers: readonly string[];
  /** How many of its processes are known to be outside its cgroup. */
  readonly outside: number;
}

/** What is open where a held container does not run. */
const downHole =
  'It does not run. Whoever has access to the engine can start it; it is frozen when that is seen.';

/** True when the containment was written down as one of a container that does not run. */
export function isKnownAsDown(containment: Containment): boolean {
  return containment.holes.includes(downHole);
}

/**
 * What a containment cannot hold with the engine's API alone, however well it is carried out, in
 * words. Empty when nothing is known to be open.
 */
export function holesOf(circumstances: Circumstances): readonly string[] {
  const { depth, network, up, sharers, outside } = circumstances;
  if (depth === 'limited') return [];
  if (depth === 'frozen' && !up) {
    return [downHole];
  }
  const holes = [...networkHoles(network)];
  if (depth === 'frozen') {
    holes.push(...outsideHoles(outside));
    holes.push(
      network.kind === 'host' || network.kind === 'shared'
        ? 'An engine that stops or restarts thaws it for up to its stop time-out, and it has its network then.'
        : 'An engine that stops or restarts thaws it for up to its stop time-out; it has no network then.',
    );
  }
  if (sharers.length > 0) {
    const several = sharers.length > 1;
    holes.push(
      `${sharers.join(', ')} ${several ? 'live' : 'lives'} in its network: ${several ? 'they lose' : 'it loses'} the network too, and ${several ? 'run' : 'runs'} on.`,
    );
  }
  return holes;
}

/** What runs on in a frozen container, since it is outside the cgroup that is frozen. */
export function outsideHoles(processes: number): readonly string[] {
  if (processes === 0) return [];
  return [
    processes === 1
      ? '1 of its processes is outside its cgroup: no freeze reaches it, it runs on.'
      : `${processes} of its processes are outside its cgroup: no freeze reaches them, they run on.`,
  ];
}

/** What cannot be taken from a container because of how it reaches the network. */
export function networkHoles(network: NetworkAttachment): readonly string[] {
  switch (network.kind) {
    case 'own':
    case 'none':
      return [];
    case 'host':
      return ["It is on the host's network, which cannot be detached."];
    case 'shared':
      return [
        `It lives in the network of container ${network.with.slice(0, 12)}, which cannot be detached from it.`,
      ];
  }
}

/** Why detaching cannot quarantine this container, known beforehand; undefined where it can. */
export function whyNoQuarantine(network: NetworkAttachment): string | undefined {
  switch (network.kind) {
    case 'own':
      return undefined;
    case 'host':
      return "it is on the host's network, which cannot be detached";
    case 'none':
      return 'it has no network that could be detached';
    case 'shared':
      return 'it lives in the network of another container, which cannot be detached from it';
  }
}
