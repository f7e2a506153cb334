import type { ContainerId } from '../model/workload.ts';
import type { GateSite } from './gate-ruleset.ts';
import type { NetworkLink } from './wall-reply.ts';

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

/**
 * Which bridges lie behind the gate and which of their ports are open. `host` are the links in the
 * engine's network; `kept` are bridges that stay behind it for containers that do not run now; ports
 * in `opened` are open though no known container has them.
 */
export function layOutGate(
  host: readonly NetworkLink[],
  containers: readonly LinkedContainer[],
  kept: readonly string[],
  opened: ReadonlySet<number>,
): GateLayout {
  const byIndex = new Map(host.map((link) => [link.index, link]));
  const owned = new Map<number, boolean>();
  const bridges = new Set(host.filter(({ name }) => kept.includes(name)).map(({ index }) => index));
  const uncovered = new Map<ContainerId, string>();
  for (const { container, links, isGuarded, open } of containers) {
    for (const link of links) {
      if (link.name === 'lo') continue;
      const port = byIndex.get(link.peer);
      const bridge = port === undefined ? undefined : byIndex.get(port.master);
      // Both ends have to name each other: indexes in two namespaces are alike by chance.
      const isPair = port?.peer === link.index && bridge !== undefined;
      if (isPair && deviceName.test(bridge.name)) {
        owned.set(port.index, open === undefined || open.includes(link.name));
        if (isGuarded) bridges.add(bridge.index);
      } else if (isGuarded && link.peer > 0) {
        uncovered.set(container, `its interface ${link.name} is not a port of a bridge`);
      }
    }
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
