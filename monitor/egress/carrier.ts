import type { EgressProbe } from '../model/egress.ts';
import type { ContainerId } from '../model/workload.ts';
import type { Result } from '../runtime/result.ts';
import type { Listing } from './listing.ts';
import type { KnownAddress } from './ruleset.ts';
import type { WallPlan } from './wall-plan.ts';

/** A container that runs. */
export interface Place {
  readonly container: ContainerId;
  /** Its main process on the engine's host. */
  readonly pid: number;
}

/** What stands around a container now. */
export interface Reading {
  /** Undefined when no table of Sentra's is there. */
  readonly listing: Listing | undefined;
  /** Another one after every start of the container. */
  readonly inode: number;
  readonly devices: readonly string[];
  readonly canBeChangedFromInside: boolean;
  readonly resolverRuns: boolean;
}

/**
 * Does in the engine's host what walls need. The verbs are closed: no path, command or ruleset text
 * comes from the caller. Every failure is a sentence, and leaves an older wall as it was.
 */
export interface Carrier {
  read(place: Place): Promise<Result<Reading, string>>;
  /** Puts the wall up in one step, in place of an older one, and reads it back. */
  apply(
    place: Place,
    plan: WallPlan,
    known: readonly KnownAddress[],
  ): Promise<Result<Reading, string>>;
  /** Starts the resolver that the plan needs in place of an older one; ends it where none is needed. */
  resolve(
    place: Place,
    plan: WallPlan,
    onLine: (line: string) => void,
  ): Promise<Result<void, string>>;
  /** Tries to get out of the container past the wall that the plan is of. */
  prove(place: Place, plan: WallPlan): Promise<Result<readonly EgressProbe[], string>>;
  /** Takes wall and resolver away. */
  remove(place: Place): Promise<Result<void, string>>;
  /** The container does not run any more: ends its resolver, forgets its wall. */
  forget(container: ContainerId): Promise<void>;
}
