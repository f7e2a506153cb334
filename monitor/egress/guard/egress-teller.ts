import type { AskedName, EgressDestination } from '../../model/egress.ts';
import type { EgressObservation } from '../../model/observation.ts';
import type { Workload } from '../../model/workload.ts';
import type { Reading } from '../carrier/carrier.ts';
import { createFlowDeltas } from '../wall/flow-deltas.ts';
import { createKindDeltas } from '../wall/kind-deltas.ts';
import type { FlowCount } from '../wall/listing.ts';
import { isProbeFlow } from './probe-wall.ts';
import { deniedProofName } from '../resolver/resolver-config.ts';
import { heardNames } from '../names/heard-names.ts';
import type { NameListener } from '../names/name-listener.ts';
import type { NameTable } from '../resolver/resolver-log.ts';
import type { WallPlan } from '../wall/wall-plan.ts';

/** Tells what went where since the reading before. */
export interface EgressTeller {
  /** True when there was something to tell. */
  tell(reading: Reading, plan: WallPlan, breach: string | undefined): boolean;
  /** What was counted for an earlier run, which told it, is told no more. */
  passOver(reading: Reading): void;
  /** Something else than the container's own wall was found open. */
  breach(breach: string): void;
  /** The wall was put up anew, with counters at zero. */
  restart(): void;
  /** What was told last, for a person. */
  lately(): {
    readonly destinations: readonly EgressDestination[];
    readonly names: readonly AskedName[];
  };
}

/** Has told nothing yet. */
export function createEgressTeller(parts: {
  readonly names: NameTable;
  /** Hears the names of what is only observed. */
  readonly listener?: NameListener | undefined;
  readonly workload: () => Workload;
  readonly now: () => number;
  readonly onObservation: (observation: EgressObservation) => void;
}): EgressTeller {
  const { names, workload, now } = parts;
  const heard = heardNames(parts.listener, workload);
  const deltas = createFlowDeltas();
  const kinds = createKindDeltas();
  let lately: ReturnType<EgressTeller['lately']> = { destinations: [], names: [] };
  let lostBefore = 0;

  function observe(
    rest: Omit<EgressObservation, 'kind' | 'at' | 'workload' | 'container' | 'image'>,
  ): void {
    const { key, container, imageId: image } = workload();
    parts.onObservation({ kind: 'egress', at: now(), workload: key, container, image, ...rest });
  }

  return {
    tell({ listing }, { mode, asks }, breach) {
      // What was held under a placeholder and then refused is told by its name alone.
      const counts = (flow: FlowCount): boolean =>
        !isProbeFlow(flow) && !(asks && flow.address.startsWith('240.'));
      const source = mode === 'observe' && parts.listener !== undefined ? heard : names;
      const nameOf = (address: string): string | undefined =>
        names.nameOf(address) ?? source.nameOf(address);
      const { destinations, omitted } =
        listing === undefined
          ? { destinations: [], omitted: 0 }
          : deltas.step(listing, nameOf, counts);
      const asked = source.asked.take().filter(({ name }) => name !== deniedProofName);
      const refusedKinds = listing === undefined ? [] : kinds.step(listing);
      const lostEntries = names.lost() - lostBefore;
      lostBefore = names.lost();
      const told = destinations.length + asked.length + lostEntries + refusedKinds.length;
      if (told === 0 && breach === undefined) return false;
      lately = { destinations, names: asked };
      const omittedNames = source.asked.takeOmitted();
      const losses = { omitted, omittedNames, lostEntries };
      observe({ mode, destinations, names: asked, refusedKinds, ...losses, breach });
      return true;
    },
    passOver({ listing }) {
      if (listing !== undefined) deltas.passOver(listing);
    },
    breach: (breach) =>
      observe({ mode: 'enforce', destinations: [], names: [], omitted: 0, breach }),
    restart() {
      deltas.restart();
      kinds.restart();
    },
    lately: () => lately,
  };
}
