import type { Containment, UndoNotes } from '../model/containment.ts';
import type { Milliseconds } from '../model/time.ts';
import type { ContainerId } from '../model/workload.ts';
import type { ContainerDetail } from '../engine/port.ts';
import type { Backoff } from '../runtime/backoff.ts';
import { createBackoff } from '../runtime/backoff.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import { holesOf } from './holes.ts';
import type { StandingFreezer } from './kernel-freezer.ts';
import type { Ledger } from './ledger.ts';
import type { Outsiders } from './outsiders.ts';
import { isUp } from './response-engine.ts';
import type { ResponseEngine } from './response-engine.ts';
import type { Subject } from './subject.ts';
import { nothingToUndo } from './undo-notes.ts';

/** How often an action is tried, and the waits in between. */
export interface Tries {
  readonly count: number;
  readonly firstWaitMs: Milliseconds;
  readonly lastWaitMs: Milliseconds;
  /** How long an action waits for the engine to tell of a container before it goes on without. */
  readonly patienceMs: Milliseconds;
}

/** Three tries, with 100 to 400 ms in between, and a second of patience. */
export const defaultTries: Tries = {
  count: 3,
  firstWaitMs: 100,
  lastWaitMs: 400,
  patienceMs: 1_000,
};

/** What every action works with. */
export interface ResponseContext {
  readonly engine: ResponseEngine;
  readonly kernel: StandingFreezer;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly tries: Tries;
  readonly outsiders: Outsiders;
  /** Names of the containers that live in this one's network namespace. */
  readonly sharersOf: (container: ContainerId) => readonly string[];
}

/** The waits of one action. */
export function waitsOf(context: ResponseContext): Backoff {
  return createBackoff(context.tries.firstWaitMs, context.tries.lastWaitMs);
}

const depths: readonly Containment['depth'][] = ['limited', 'quarantined', 'frozen'];

/**
 * Writes the containment down: on top of what is held already, never shallower than it. With
 * `detail` undefined (the engine did not tell) only the intent is known.
 */
export function writeDown(
  context: ResponseContext,
  subject: Subject,
  depth: Containment['depth'],
  detail: ContainerDetail | undefined,
  notes: (earlier: UndoNotes) => UndoNotes,
  open: readonly string[] = [],
): Containment {
  const { ledger } = context;
  const earlier = ledger.containmentOf(subject.container);
  const deepest =
    earlier !== undefined && depths.indexOf(earlier.depth) > depths.indexOf(depth)
      ? earlier.depth
      : depth;
  const standing =
    detail === undefined
      ? ['Not confirmed: the engine has not told its state.']
      : holesOf({
          depth: deepest,
          network: detail.workload.network,
          up: isUp(detail),
          sharers: context.sharersOf(subject.container),
          outside: context.outsiders.known(subject.container),
        });
  const containment: Containment = {
    container: subject.container,
    workload: subject.workload,
    name: subject.name,
    depth: deepest,
    since: earlier?.since ?? context.clock.now(),
    undo: notes(earlier?.undo ?? nothingToUndo),
    holes: [...open, ...standing],
  };
  if (JSON.stringify(containment) !== JSON.stringify(earlier)) ledger.keep(containment);
  return containment;
}
