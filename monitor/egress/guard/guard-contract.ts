import type { EgressProbe } from '../../model/egress.ts';
import type { Workload } from '../../model/workload.ts';
import type { Result } from '../../runtime/result.ts';
import type { Place, Reading } from '../carrier/carrier.ts';
import type { GateRole } from '../gate/gate-role.ts';
import type { EgressTeller } from './egress-teller.ts';

/** A reading that was taken for this guard, and what it was taken of. */
export interface TakenReading {
  readonly epoch: number;
  readonly reading: Result<Reading, string>;
}

/** Keeps what is wanted and what stands around one container the same. */
export interface ContainerGuard {
  /** The container as it is known now. */
  know(workload: Workload): void;
  /** What to read before a look. */
  offer(): { readonly place: Place; readonly epoch: number } | undefined;
  /** Whether a look is due with this round: of what only is observed and does not move, with few. */
  isDue(): boolean;
  /** It sends something. */
  stir(): void;
  /** Looks, puts up, mends, takes away; resolves when that is done. Runs one after another. */
  look(taken?: TakenReading): Promise<void>;
  prove(): Promise<Result<readonly EgressProbe[], string>>;
  /** Proves the wall when that is due, and finds it open when something got out. Looks go on meanwhile. */
  beat(): Promise<void>;
  gateRole(): GateRole;
  /** What the gate said last: why it does not stand before this container; undefined when it does. */
  hearGate(reason: string | undefined): void;
  /** The gate was found open. */
  tellBreach(breach: string): void;
  /** What was seen lately, for a person. */
  lately: EgressTeller['lately'];
  /**
   * Sentra ends: resolves when nothing is in hand, and what only counted is taken away. What refuses
   * stays.
   */
  leave(): Promise<void>;
  /** The container is gone. */
  end(): Promise<void>;
}
