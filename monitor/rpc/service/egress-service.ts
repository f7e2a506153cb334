import type { Coverage } from '../../model/coverage.ts';
import type {
  AskedName,
  EgressDestination,
  EgressMode,
  EgressProbe,
  EgressRuleProblem,
  EgressRuleRemark,
  EgressRuleSubject,
  EgressRuleUse,
  SeenKind,
  SeenName,
  SeenDestination,
  WrittenEgressProfile,
  WrittenEgressRule,
} from '../../model/egress.ts';
import type { Moment } from '../../model/time.ts';
import type { ContainerId, WorkloadKey } from '../../model/workload.ts';
import type { Result } from '../../runtime/result.ts';
import type { ActRefusal } from './service.ts';

/** A container's egress, as far as it is known. */
export interface EgressView {
  readonly container: ContainerId;
  readonly name: string;
  /** The rules belong to it, and to every container of it. */
  readonly workload: WorkloadKey;
  readonly mode: EgressMode;
  /** Changes with the list; a save says from which one it was edited. */
  readonly version: string;
  readonly rules: readonly WrittenEgressRule[];
  /** Of each rule, in the same order; an idle one is offered for removal. */
  readonly uses: readonly (EgressRuleUse & { readonly isIdle: boolean })[];
  /** The profiles whose rules hold for it besides. */
  readonly profiles: readonly WrittenEgressProfile[];
  /** What an undo would take back, in words; undefined when there is nothing. */
  readonly undo: string | undefined;
  /** The badge; undefined in the mode off. */
  readonly coverage: Coverage | undefined;
  /** What was seen at the last look at which there was traffic. */
  readonly destinations: readonly EgressDestination[];
  readonly names: readonly AskedName[];
  /** What a proof came to; empty when none was asked for. */
  readonly probes: readonly EgressProbe[];
  /** Something to know about what was just done, a sentence. */
  readonly notice: string | undefined;
}

/** By which way a person changes a list. */
export const egressDoors = ['window', 'command line', 'tray'] as const;

export type EgressDoor = (typeof egressDoors)[number];

interface Change {
  readonly target: string;
  /** Noted with the rules. */
  readonly from?: EgressDoor | undefined;
}

/** What is wanted of a container's egress; `target` as in `act`. */
export type EgressRequest =
  | { readonly name: 'list'; readonly target: string }
  | { readonly name: 'prove'; readonly target: string }
  | (Change & { readonly name: 'rule'; readonly rule: WrittenEgressRule })
  /** Every rule about the target, or those of the protocol and port where they are given. */
  | (Change & { readonly name: 'remove'; readonly subject: EgressRuleSubject })
  | (Change & { readonly name: 'mode'; readonly mode: EgressMode })
  /** The whole list at once. */
  | (Change & {
      readonly name: 'save';
      readonly basedOn: string;
      readonly profiles: readonly string[];
      readonly rules: readonly WrittenEgressRule[];
    })
  /** A profile that is there, or else the preset of that name, is used from now on. */
  | (Change & { readonly name: 'preset'; readonly preset: string })
  /** A profile's rules, for every workload that has it. */
  | (Change & { readonly name: 'profile'; readonly profile: WrittenEgressProfile })
  /** A file in place of the list: see `egressExport`. */
  | (Change & { readonly name: 'import'; readonly text: string })
  /** Takes the latest change back; where `what` is given, only if that is what it is called. */
  | (Change & { readonly name: 'undo'; readonly what?: string | undefined });

/** What can be used by name. */
export interface EgressCatalogue {
  readonly presets: readonly WrittenEgressProfile[];
  /** Those of the book; a preset that was used is one of them, as the person changed it. */
  readonly profiles: readonly WrittenEgressProfile[];
}

/** Where a workload talked to, by the record. */
export interface EgressSeen {
  readonly since: Moment;
  /** The latest first, at most 500. */
  readonly destinations: readonly SeenDestination[];
  /**
   * Which names were asked, and what became of that, the latest first: at most 500 of those that were
   * refused or held, and 500 of the others.
   */
  readonly names: readonly SeenName[];
  /** What was refused that no destination can be told of, the latest first. */
  readonly kinds: readonly SeenKind[];
}

/** What a list would have done with what was recorded of the past day. */
export interface EgressPreview {
  readonly since: Moment;
  /** Destinations that were looked at, with the names that led nowhere. */
  readonly destinations: number;
  /** What passed and would have been refused, the most bytes first, at most 100. */
  readonly wouldRefuse: readonly SeenDestination[];
  readonly wouldRefuseCount: number;
  /** Of these, how many have no known name, so that a rule by name may still have allowed them. */
  readonly unnamed: number;
  /** How many were refused and would have passed. */
  readonly wouldAllowCount: number;
  /** Names that were refused and would have been again, the latest first, at most 100. */
  readonly stillRefused: readonly SeenName[];
  readonly stillRefusedCount: number;
}

/** What is wrong with a list; where nothing is, what it would have done. */
export interface EgressCheck {
  readonly problems: readonly EgressRuleProblem[];
  /** What is to be known of rules that can be kept all the same. */
  readonly remarks: readonly EgressRuleRemark[];
  readonly preview: EgressPreview | undefined;
}

/** A rule that would cover something seen, and on what ground it is proposed. */
export interface EgressProposal {
  readonly rule: WrittenEgressRule;
  /** A sentence. */
  readonly ground: string;
  readonly looks: number;
  readonly bytes: number;
}

/** The smallest list that would have covered what was seen and is not allowed yet. */
export interface EgressLesson {
  readonly since: Moment;
  readonly proposals: readonly EgressProposal[];
  /** What no rule is proposed for, and why: sentences. */
  readonly leftOut: readonly string[];
}

/** A list that somebody thinks about. */
export interface EgressDraft {
  readonly target: string;
  readonly profiles: readonly string[];
  readonly rules: readonly WrittenEgressRule[];
}

/** What the monitor does about egress for whoever drives it. */
export interface EgressService {
  /** Resolves when the walls follow what was asked for, or with why they do not. */
  egress(request: EgressRequest): Promise<Result<EgressView, ActRefusal>>;
}

/** What the monitor tells about lists, and changes nothing by it. */
export interface EgressQueries {
  egressPresets(): EgressCatalogue;
  /** The list as JSON, complete: reading it in again gives the same list. */
  egressExport(of: { readonly target: string }): Result<{ readonly text: string }, ActRefusal>;
  /** `hours` back, 1 to 192. */
  egressSeen(of: {
    readonly target: string;
    readonly hours: number;
  }): Result<EgressSeen, ActRefusal>;
  egressCheck(draft: EgressDraft): Result<EgressCheck, ActRefusal>;
  egressLearn(of: {
    readonly target: string;
    readonly hours: number;
  }): Result<EgressLesson, ActRefusal>;
}
