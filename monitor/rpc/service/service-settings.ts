import type { Result } from '../../runtime/result.ts';
import type { EngineView } from './service.ts';

/** How long and how much is kept. */
export interface RetentionView {
  /**
   * What happened (findings, decisions, actions, policies) and hourly samples are kept for so many
   * days, 1 to 3650. Changes of coverage are kept for 30 days, samples by the minute for 14 and by
   * the second for 6 hours, or as long as the rest if that is shorter.
   */
  readonly days: number;
  /** Megabytes (10⁶ bytes) of the record in use, 16 to 900; beyond it the oldest goes first. */
  readonly megabytes: number;
}

/** What a person can set, and what they chose. */
export interface SettingsView {
  readonly retention: RetentionView;
  /** What holds until something else is set. */
  readonly defaultRetention: RetentionView;
  readonly record: {
    readonly path: string;
    readonly megabytes: number;
  };
  /** The `watch` of the policy in force: which containers are watched. */
  readonly selection: SelectionView;
}

/** Patterns; an empty list does not narrow. */
export interface PatternsView {
  readonly names: readonly string[];
  readonly images: readonly string[];
  readonly composeProjects: readonly string[];
  /** Pattern by label key; `true` stands for any value. */
  readonly labels: readonly { readonly key: string; readonly pattern: string | true }[];
}

/** Which containers are meant. */
export interface SelectionView {
  readonly only: PatternsView;
  readonly exclude: PatternsView;
}

/** Why nothing was changed. */
export interface SettingsRefusal {
  readonly kind: 'not-recorded' | 'not-written' | 'bad-selection';
  readonly message: string;
  readonly advice: string;
}

/** Why an engine cannot be watched. */
export interface EngineRefusal {
  readonly kind: 'no-engine';
  readonly message: string;
  readonly advice: string;
}

/** Reading and changing what the monitor goes by, beside the policy. */
export interface SettingsService {
  settings(): SettingsView;
  /** Takes effect at once, and is swept in small steps. */
  setRetention(retention: RetentionView): Result<SettingsView, SettingsRefusal>;
  /** Writes the `watch` of the policy file, and watches accordingly at once. */
  setSelection(selection: SelectionView): Result<SettingsView, SettingsRefusal>;
  /**
   * Whether an engine answers there, and which: an address such as `unix:///path`, or the name of a
   * docker context. Nothing is changed.
   */
  tryEngine(of: { readonly endpoint: string }): Promise<Result<EngineView, EngineRefusal>>;
}
