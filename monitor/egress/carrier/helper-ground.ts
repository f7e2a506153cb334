import type { Helper } from '../../helper/helper-keeper.ts';
import { failed, ok } from '../../runtime/result.ts';
import type { Place } from './carrier.ts';
import type { GateGround } from '../gate/native-gate.ts';

/** The engine's network, which the helper's is. */
export function helperGround(helper: Helper): GateGround {
  return {
    find() {
      const abilities = helper.abilities();
      if (abilities === undefined) return failed(helper.whyNot() ?? 'The helper does not answer.');
      return ok({
        pid: abilities.pid,
        inode: abilities.network,
        put: (ruleset) => helper.client.ask({ verb: 'gate', ruleset }),
        close: () => undefined,
      });
    },
    async running() {
      const said = await helper.client.ask({ verb: 'places' });
      // Containers of other engines too: none of their links has its other end here.
      return said.ok ? readPlaces(said.value.toString('latin1')).places : [];
    },
  };
}

/** What the helper finds on the whole machine. */
export interface HelperPlaces {
  /** A process in each network of each container, with the network's inode. */
  readonly places: readonly (Place & { readonly inode: number })[];
  /** Containers that there is a resolver's cgroup for. */
  readonly resolvers: readonly string[];
}

/** Understands the helper's answer to `places`: helper/source/verbs.c writes it. */
export function readPlaces(text: string): HelperPlaces {
  const places: (Place & { readonly inode: number })[] = [];
  const resolvers: string[] = [];
  for (const line of text.split('\n')) {
    const place = /^place ([0-9a-f]{64}) (\d{1,10}) (\d{1,20})$/.exec(line);
    const resolver = /^resolver ([0-9a-f]{64})$/.exec(line);
    if (place !== null) {
      const [, container = '', pid, inode] = place;
      places.push({ container, pid: Number(pid), inode: Number(inode) });
    }
    if (resolver !== null) resolvers.push(resolver[1] ?? '');
  }
  return { places, resolvers };
}
