import type { ContainerId } from '../../model/workload.ts';

/** What can be taken away, or given back. */
export const disarmKinds = ['wall', 'gate', 'helper', 'login-item', 'contained'] as const;

/** One thing that Sentra has its hands on. */
export interface DisarmItem {
  readonly kind: (typeof disarmKinds)[number];
  /** Undefined where it is of no container. */
  readonly container: ContainerId | undefined;
  /** The container's. Untrusted text. */
  readonly name: string | undefined;
  /** What it is, for a person, as the end of a line. */
  readonly words: string;
}

/** Everything, before any of it is taken away. */
export interface DisarmList {
  readonly items: readonly DisarmItem[];
  /** What could not be looked at, and why; sentences. */
  readonly unseen: readonly string[];
}

/** What became of one thing. */
export interface DisarmedItem extends DisarmItem {
  /** Why it is still there, a sentence; undefined when it is gone, or given back. */
  readonly failure: string | undefined;
  /** What is to be known of it all the same, or the proof; may be empty. */
  readonly proof: string;
}

/** A container that is not free after all, whoever bound it, and how a person frees it. */
export interface StillBound {
  readonly container: ContainerId;
  /** Untrusted text. */
  readonly name: string;
  /** A sentence. */
  readonly words: string;
  /** For a shell, in this order. */
  readonly commands: readonly string[];
}

/** What came of it. */
export interface DisarmReport {
  readonly items: readonly DisarmedItem[];
  readonly bound: readonly StillBound[];
  /** What was read back; undefined where nothing could be. A sentence. */
  readonly proof: string | undefined;
  /** What is not done, or not known; sentences. Empty when all is. */
  readonly left: readonly string[];
}

/** Takes Sentra's hands off everything. */
export interface DisarmService {
  /** What would be taken away. Changes nothing. */
  disarmList(): Promise<DisarmList>;
  /**
   * Ends watching, lets go what is held, takes everything away and reads it back. The monitor does
   * nothing any more from then on, whatever came of it, and is to be stopped.
   */
  disarm(): Promise<DisarmReport>;
}

/** Whether nothing of Sentra's is left, as far as is known. */
export function isDisarmed({ items, left }: Pick<DisarmReport, 'items' | 'left'>): boolean {
  return left.length === 0 && items.every(({ failure }) => failure === undefined);
}
