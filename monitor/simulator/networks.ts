import type { Network } from './network.ts';
import { hexadecimal } from './noise.ts';
import type { NetworkPlan } from './plan.ts';
import { parseSubnet } from './subnet.ts';
import type { Subnet } from './subnet.ts';

/** Docker's own first range, and the first of those it deals out to networks without a subnet. */
const bridgeBase = 172 * 2 ** 24 + 17 * 2 ** 16;

/** Every network of an engine: its own three, and those of the plan. */
export class Networks {
  readonly #byId = new Map<string, Network>();
  readonly #byName = new Map<string, Network>();

  constructor(seed: number, createdAt: number, plans: readonly NetworkPlan[]) {
    const add = (
      name: string,
      driver: Network['driver'],
      subnet: Subnet | undefined,
      configured: boolean,
      internal: boolean,
    ): void => {
      const id = hexadecimal(seed, this.#byId.size, 64);
      const network: Network = {
        id,
        name,
        driver,
        createdAt,
        subnet,
        configured,
        internal,
        members: new Map(),
        taken: new Set(),
      };
      this.#byId.set(id, network);
      this.#byName.set(name, network);
    };
    add('bridge', 'bridge', { base: bridgeBase, prefix: 16 }, false, false);
    add('host', 'host', undefined, false, false);
    add('none', 'null', undefined, false, false);
    let dealt = 0;
    for (const plan of plans) {
      if (this.#byName.has(plan.name)) throw new Error(`Two networks are called ${plan.name}.`);
      const asked = plan.subnet === undefined ? undefined : parseSubnet(plan.subnet);
      if (plan.subnet !== undefined && asked === undefined) {
        throw new Error(`The network ${plan.name} has no usable subnet: ${plan.subnet}.`);
      }
      dealt += asked === undefined ? 1 : 0;
      const subnet = asked ?? { base: bridgeBase + dealt * 2 ** 16, prefix: 16 };
      add(plan.name, 'bridge', subnet, asked !== undefined, plan.internal === true);
    }
  }

  /** By id, name, or the beginning of an id. */
  find(reference: string): Network | undefined {
    const exact = this.#byId.get(reference) ?? this.#byName.get(reference);
    if (exact !== undefined || reference === '') return exact;
    return [...this.#byId.values()].find((network) => network.id.startsWith(reference));
  }

  all(): readonly Network[] {
    return [...this.#byId.values()];
  }
}
