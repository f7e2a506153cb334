import type { NetworkAttachment } from '../../model/workload.ts';

/**
 * Which interfaces came into a container's network since this run first looked at it, and by no network
 * that the engine attached: a sentence. `pid` is the main process, which is another after each start.
 */
export type InterfaceSight = (
  pid: number,
  devices: readonly string[],
  network: NetworkAttachment,
) => string | undefined;

/** Has looked at none. */
export function createInterfaceSight(): InterfaceSight {
  let first: { pid: number; devices: readonly string[]; networks: number } | undefined;

  return (pid, devices, network) => {
    const networks = network.kind === 'own' ? network.networks.length : 0;
    // What it is attached to is known a moment late.
    const isSame = first?.devices.join(' ') === devices.join(' ');
    if (first?.pid !== pid || isSame) first = { pid, devices, networks };
    const { devices: before, networks: networksBefore } = first;
    // Between the two the engine attaches one, which is over with the next look.
    if (devices.length - before.length <= networks - networksBefore) return undefined;
    const come = devices.filter((name) => !before.includes(name)).slice(0, 3);
    return `Its network has interfaces that the engine did not make: ${come.join(', ')}. Its wall stands before them too; who made them is not known.`;
  };
}
