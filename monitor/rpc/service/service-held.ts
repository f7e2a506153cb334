import type { WrittenEgressRule } from '../../model/egress.ts';
import type { HeldQuestion } from '../../model/held.ts';
import type { Result } from '../../runtime/result.ts';
import type { EgressDoor } from './egress-service.ts';
import type { ActRefusal } from './service.ts';

/** Everything that is held, or was and nobody has decided for good; the latest first. */
export interface HeldReport {
  readonly questions: readonly HeldQuestion[];
  /** Something to know about what was just done, a sentence. */
  readonly notice?: string | undefined;
}

/** Which request, and who answers. */
export interface HeldChoice {
  readonly id: string;
  /** Noted with the rule. */
  readonly from?: EgressDoor | undefined;
}

/** A rule that decides, as it goes into the workload's list; `verdict` is the method's. */
export interface HeldRuling extends HeldChoice {
  readonly rule: Omit<WrittenEgressRule, 'verdict'>;
}

/** What a person is asked about connections that no rule decides about, and answers. */
export interface HeldService {
  egressHeld(): HeldReport;
  /**
   * Puts a rule into the list that allows it. Resolves when the wall follows it; the very connection
   * that was held comes up then, if its program has not given up.
   */
  egressHeldAllow(ruling: HeldRuling): Promise<Result<HeldReport, ActRefusal>>;
  /** Puts a rule into the list that denies it; refused at once. */
  egressHeldDeny(ruling: HeldRuling): Promise<Result<HeldReport, ActRefusal>>;
  /** Refuses it at once, without a rule: after a minute it asks again. */
  egressHeldRefuse(choice: HeldChoice): Result<HeldReport, ActRefusal>;
  /** Refuses it, and does not ask again until somebody answers. */
  egressHeldDefer(choice: HeldChoice): Result<HeldReport, ActRefusal>;
}
