import type { ContainerId } from '../../model/workload.ts';
import type { Result } from '../../runtime/result.ts';

/** What stands of Sentra's in networks: found by the names of tables, by notes and by cgroups. */
export interface FoundWalls {
  /** With a wall, counters or a resolver around it. */
  readonly containers: readonly ContainerId[];
  /** Of these the ones whose wall refuses while no resolver runs: closed whole, as far as is known. */
  readonly closed: readonly ContainerId[];
  /** Those that run no more, of which a note or a resolver is left. */
  readonly ended: readonly ContainerId[];
  /** Networks of engines with a gate in them, by inode. */
  readonly gates: readonly number[];
}

/** What was found around a container, and what became of it. */
export interface Disarmed {
  readonly container: ContainerId;
  /** Undefined when nothing of Sentra's is left; else why something is, a sentence. */
  readonly failure: string | undefined;
}

/** What became of what was found. */
export interface TakenWalls {
  readonly containers: readonly Disarmed[];
  /** Why a gate is left, a sentence each. */
  readonly gates: readonly string[];
  /** How many networks were read afterwards. */
  readonly networks: number;
  /** What was seen of Sentra's in them all the same, or could not be read; sentences. */
  readonly left: readonly string[];
}

/** Finds and takes away what stands around networks, without a monitor, a record or a list. */
export interface WallTaker {
  /** Looks, and changes nothing. The failure is a sentence. */
  find(): Promise<Result<FoundWalls, string>>;
  /** Takes away what was found, and reads all networks again. */
  take(found: FoundWalls): Promise<TakenWalls>;
  close(): Promise<void>;
}
