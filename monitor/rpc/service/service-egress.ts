import type { EgressLockdown } from '../../model/egress.ts';
import type { ContainerId } from '../../model/workload.ts';
import type { Result } from '../../runtime/result.ts';
import type { EgressDoor } from './egress-service.ts';
import type { ActRefusal } from './service.ts';

/** What a lock down, or the end of one, came to. */
export interface LockdownReport {
  /** Undefined once it is lifted. */
  readonly lockdown: EgressLockdown | undefined;
  /** How many running containers are closed by a wall. */
  readonly closed: number;
  /** Running containers that no wall closes, and why: a sentence. Empty once it is lifted. */
  readonly notClosed: readonly {
    readonly container: ContainerId;
    readonly name: string;
    readonly reason: string;
  }[];
  /** What is wrong with it all the same, a sentence: it could not be written down, and may not last. */
  readonly warning?: string | undefined;
}

/** Who asks; noted with it. */
export interface LockdownRequest {
  readonly from?: EgressDoor | undefined;
}

/** Whose record is erased. */
export interface EraseRequest {
  /** A container as in `act`, or a workload's key; undefined for all that was ever watched. */
  readonly target?: string | undefined;
}

/** What was erased. */
export interface EraseReport {
  /** One for each destination and hour. */
  readonly rows: number;
}

/** What a person does about the egress of all containers at once. */
export interface WholeEgressService {
  /**
   * Cuts every watched container off, those to come included, until it is lifted; lists stay as they
   * are. Resolves when the walls stand, and says which could not be put up.
   */
  egressLockdown(request: LockdownRequest): Promise<Result<LockdownReport, ActRefusal>>;
  /** From now on the lists hold again. */
  egressLift(request: LockdownRequest): Promise<Result<LockdownReport, ActRefusal>>;
  /**
   * Erases the record of where containers talked to, out of the file as well. What was learned of it,
   * and findings that tell of it, stay.
   */
  egressErase(of: EraseRequest): Result<EraseReport, ActRefusal>;
}
