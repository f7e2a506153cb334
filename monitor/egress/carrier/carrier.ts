import type { EgressProbe } from '../../model/egress.ts';
import type { ContainerId } from '../../model/workload.ts';
import type { Result } from '../../runtime/result.ts';
import type { Listing } from '../wall/listing.ts';
import type { KnownAddress } from '../wall/wall-sets.ts';
import type { WallPlan } from '../wall/wall-plan.ts';
import type { NetworkPowers } from './namespace.ts';

/** A container that runs. */
export interface Place {
  readonly container: ContainerId;
  /** Its main process on the engine's host. */
  readonly pid: number;
}

/** An address in one of the sets that the resolver fills. */
export interface SetElement {
  readonly set: string;
  readonly address: string;
  /** A time-out of its own, seconds, 0 for none at all; undefined where it has the set's. */
  readonly seconds: number | undefined;
}

/** What stands around a container now. */
export interface Reading {
  /** Undefined when no table of Sentra's is there. */
  readonly listing: Listing | undefined;
  /** What is in the sets of names. */
  readonly elements: readonly SetElement[];
  /** Tables in the same network that are not Sentra's, for example `ip nat`, in order. */
  readonly otherTables: readonly string[];
  /** Another one after every start of the container. */
  readonly inode: number;
  readonly devices: readonly string[];
  readonly powers: NetworkPowers;
  readonly resolver: ResolverState;
  /** The inode of the resolver's cgroup, which the wall's rules name; 0 where there is none, undefined untold. */
  readonly resolverCgroup?: number | undefined;
}

/** What stands after a wall was put up. */
export interface Applied extends Reading {
  /** Packets that the container's interfaces had sent by then. */
  readonly sentBefore: number;
}

/** `replaced`: in the resolver's cgroup runs something that Sentra did not start. */
export type ResolverState = 'runs' | 'absent' | 'replaced';

/**
 * What the gate on the engine's side of the networks lets through. It drops what comes from any other
 * interface on the bridges of guarded containers, so also from one that started a moment ago.
 */
export interface GatePlan {
  /** Guarded containers that run, with the interfaces that their walls stand before: let through. */
  readonly guarded: readonly (Place & { readonly devices: readonly string[] })[];
  /** Containers that run and are not guarded: let through. */
  readonly free: readonly Place[];
  /** Containers that nobody watches: let through once one of them is found behind a port. */
  readonly unwatched: ReadonlySet<ContainerId>;
  /** Guarded containers that do not run now: what is known to lie behind the gate stays there. */
  readonly hasWaiting: boolean;
}

/** The gate as it stands. */
export interface GateReading {
  /** Bridges behind it, as the kernel names them. */
  readonly bridges: readonly string[];
  /** Frames that it has dropped since it was put up. */
  readonly dropped: number;
  /** How it was found other than Sentra left it; it is mended by now. */
  readonly breach: string | undefined;
  /** Guarded containers that it does not stand before, each with the reason. */
  readonly uncovered: ReadonlyMap<ContainerId, string>;
}

/**
 * Does in the engine's host what walls need. The verbs are closed: no path, command or ruleset text
 * comes from the caller. Every failure is a sentence, and leaves an older wall as it was.
 */
export interface Carrier {
  /** Which means nobody gave it yet, and what to do, in sentences; undefined where it has all. */
  lacks(): string | undefined;
  /** Looks at many at once, which costs little more than looking at one. Answers for each. */
  read(places: readonly Place[]): Promise<ReadonlyMap<ContainerId, Result<Reading, string>>>;
  /** Puts the wall up in one step, in place of an older one, and reads it back. */
  apply(
    place: Place,
    plan: WallPlan,
    known: readonly KnownAddress[],
  ): Promise<Result<Applied, string>>;
  /**
   * Starts the resolver that the plan needs in place of an older one; ends it where none is needed.
   * An empty line stands for lines of its log that were passed over.
   */
  resolve(
    place: Place,
    plan: WallPlan,
    onLine: (line: string) => void,
  ): Promise<Result<void, string>>;
  /**
   * Tries to get out of the container past the wall that the plan is of, as its own processes could.
   * `allowedName`, if any, is asked of a real name server besides.
   */
  prove(
    place: Place,
    plan: WallPlan,
    allowedName: string | undefined,
  ): Promise<Result<readonly EgressProbe[], string>>;
  /** Takes wall and resolver away. */
  remove(place: Place): Promise<Result<void, string>>;
  /** The container does not run any more: ends its resolver, forgets its wall. */
  forget(container: ContainerId): Promise<void>;
  /** Puts the gate up as planned, mends it, or takes it away where nothing is guarded. */
  gate(plan: GatePlan): Promise<Result<GateReading, string>>;
  /** Ends what reading needs; walls, resolvers and gate stay. */
  close(): Promise<void>;
}
