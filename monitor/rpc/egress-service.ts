import type { Coverage } from '../model/coverage.ts';
import type {
  AskedName,
  EgressDestination,
  EgressMode,
  EgressProbe,
  WrittenEgressRule,
} from '../model/egress.ts';
import type { ContainerId, WorkloadKey } from '../model/workload.ts';
import type { Result } from '../runtime/result.ts';
import type { ActRefusal } from './service.ts';

/** A container's egress, as far as it is known. */
export interface EgressView {
  readonly container: ContainerId;
  readonly name: string;
  /** The rules belong to it, and to every container of it. */
  readonly workload: WorkloadKey;
  readonly mode: EgressMode;
  readonly rules: readonly WrittenEgressRule[];
  /** The badge; undefined in the mode off. */
  readonly coverage: Coverage | undefined;
  /** What was seen at the last look at which there was traffic. */
  readonly destinations: readonly EgressDestination[];
  readonly names: readonly AskedName[];
  /** What a proof came to; empty when none was asked for. */
  readonly probes: readonly EgressProbe[];
}

/** What is wanted of a container's egress; `target` as in `act`. */
export type EgressRequest =
  | { readonly name: 'list' | 'prove'; readonly target: string }
  | { readonly name: 'rule'; readonly target: string; readonly rule: WrittenEgressRule }
  | { readonly name: 'mode'; readonly target: string; readonly mode: EgressMode };

/** What the monitor does about egress for whoever drives it. */
export interface EgressService {
  /** Resolves when the walls follow what was asked for, or with why they do not. */
  egress(request: EgressRequest): Promise<Result<EgressView, ActRefusal>>;
}
