import type { ContainerId } from '../../model/workload.ts';
import type { GateSite } from './gate-ruleset.ts';
import type { NetworkLink } from '../wall/wall-reply.ts';

/** A container with the ends of its links that are in its own network. */
export interface LinkedContainer {
  readonly container: ContainerId;
  readonly links: readonly NetworkLink[];
  readonly isGuarded: boolean;
  /** Its interfaces that are let through; undefined for all of them. */
  readonly open: readonly string[] | undefined;
}

/** What the gate comes to. */
export interface GateLayout {
  readonly site: GateSite;
  /** Ports of guarded bridges that are of no container that is known. */
  readonly strays: readonly NetworkLink[];
  readonly uncovered: ReadonlyMap<ContainerId, string>;
}

/** What the kernel may call an interface, less what means something in a ruleset. */
const deviceName = /^[A-Za-z0-9_.@:-]{1,15}$/;

/** What the gate stood before until now. */
export interface KeptGate {
  readonly bridges: readonly string[];
  /** Whether a guarded container does not run, and may start again. */
  readonly hasWaiting: boolean;
}

/**
 * Which bridges lie behind the gate and which of their ports are open. `host` are the links in the
 * engine's network; ports in `opened` are open though no known container has them. Bridges of `kept`
 * stay behind it while a guarded container is not on any: one that ends loses its links a moment
 * before anybody is told that it ended, and may be on its way up again by then.
 */
export function layOutGate(
  host: readonly NetworkLink[],
  containers: readonly LinkedContainer[],
  kept: KeptGate,
  opened: ReadonlySet<number>,
): GateLayout {
  const byIndex = new Map(host.map((link) => [link.index, link]));
  const owned = new Map<number, boolean>();
  const bridges = new Set<number>();
  let isLinkless = kept.hasWaiting;
  const uncovered = new Map<ContainerId, string>();
  for (const { container, links, isGuarded, open } of containers) {
    let isPlaced = !isGuarded;
    for (const link of links) {
      if (link.name === 'lo') continue;
      const port = byIndex.get(link.peer);
      const bridge = port === undefined ? undefined : byIndex.get(port.master);
      // Both ends have to name each other: indexes in two namespaces are alike by chance.
      const isPair = port?.peer === link.index && bridge !== undefined;
      if (isPair && deviceName.test(bridge.name)) {
        owned.set(port.index, open === undefined || open.includes(link.name));
        if (isGuarded) bridges.add(bridge.index);
        isPlaced = true;
      } else if (isGuarded && link.peer > 0) {
        uncovered.set(container, `its interface ${link.name} is not a port of a bridge`);
      }
    }
    if (!isPlaced) isLinkless = true;
  }
  for (const { name, index } of isLinkless ? host : []) {
    if (kept.bridges.includes(name)) bridges.add(index);
  }
  const ports = host.filter(({ master }) => bridges.has(master));
  const strays = ports.filter(({ index }) => !owned.has(index));
  const opens = ports.filter(({ index, peer }) => {
    // What has no other end is no container's: a card, or a virtual machine's.
    return owned.get(index) ?? (peer === 0 || opened.has(index));
  });
  const names = [...bridges].map((index) => byIndex.get(index)?.name ?? '').sort();
  const indexes = (links: readonly NetworkLink[]): number[] =>
    links.map(({ index }) => index).sort((one, other) => one - other);
  return {
    site: { bridges: names, ports: indexes(ports), open: indexes(opens) },
    strays: strays.filter(({ peer, index }) => peer !== 0 && !opened.has(index)),
    uncovered,
  };
}
