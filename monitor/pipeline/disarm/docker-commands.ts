import type { ContainerChange } from '../../engine/port.ts';
import type { DetachedNetwork } from '../../model/containment.ts';
import type { ContainerId } from '../../model/workload.ts';
import type { UndoStep } from '../../respond/undo-left.ts';

/** What a person types to put back what is left, in the order in which it is put back. */
export function commandsFor(container: ContainerId, left: readonly UndoStep[]): readonly string[] {
  return left.map((step) => commandFor(container.slice(0, 12), step));
}

/** By the short id: a name may be anything, and another container's by now. */
function commandFor(id: string, step: UndoStep): string {
  switch (step.kind) {
    case 'limits':
      return `docker update ${limitWords(step.change).join(' ')} ${id}`;
    case 'network':
      return `docker network connect ${[...networkWords(step.network), id].join(' ')}`;
    case 'restart-policy': {
      const { name, maximumRetryCount } = step.policy;
      const most = maximumRetryCount > 0 ? `:${maximumRetryCount}` : '';
      return `docker update --restart=${quoted(`${name}${most}`)} ${id}`;
    }
    case 'unpause':
      return `docker unpause ${id}`;
  }
}

function networkWords(network: DetachedNetwork): readonly string[] {
  const { networkName, aliases, links = [], ipv4, ipv6, addressCanReturn } = network;
  return [
    ...(addressCanReturn && ipv4 !== undefined ? [`--ip=${quoted(ipv4)}`] : []),
    ...(addressCanReturn && ipv6 !== undefined ? [`--ip6=${quoted(ipv6)}`] : []),
    ...aliases.map((alias) => `--alias=${quoted(alias)}`),
    ...links.map((link) => `--link=${quoted(link)}`),
    quoted(networkName),
  ];
}

/** In bytes, cores and processes, as `docker update` takes them. */
function limitWords(change: ContainerChange): readonly string[] {
  const { memoryBytes, memorySwapBytes, nanoCpus, cpuQuota, pidsLimit } = change;
  return [
    ...(memoryBytes === undefined ? [] : [`--memory=${memoryBytes}`]),
    ...(memorySwapBytes === undefined ? [] : [`--memory-swap=${memorySwapBytes}`]),
    ...(nanoCpus === undefined ? [] : [`--cpus=${nanoCpus / 1e9}`]),
    ...(cpuQuota === undefined ? [] : [`--cpu-quota=${cpuQuota}`]),
    ...(pidsLimit === undefined ? [] : [`--pids-limit=${pidsLimit}`]),
  ];
}

/** One word for a shell, whatever the engine calls it. */
function quoted(word: string): string {
  return /^[\w.:/@-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
