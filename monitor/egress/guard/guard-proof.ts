import type { EgressProbe } from '../../model/egress.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';
import type { Carrier, Place } from '../carrier/carrier.ts';
import { createHeartbeat } from './heartbeat.ts';
import type { WallPlan } from '../wall/wall-plan.ts';

/** A wall that a proof can be made of, and where it stands. */
export interface ProvableWall {
  readonly where: Place;
  readonly plan: WallPlan;
}

/** Proves the wall of one container: on request, and when it is due. */
export interface GuardProof {
  /** The wall was put up anew: proved with the next beat. */
  hurry(): void;
  /** What the last proof could not prove; undefined when it proved all. */
  unproved(): string | undefined;
  /** On request; an allowed name is asked of a real name server besides. */
  prove(): Promise<Result<readonly EgressProbe[], string>>;
  /** When that is due, of the wall around that main process; a sentence when something got out. */
  beat(standsFor: number): Promise<string | undefined>;
}

/** Proofs are due at once. `target` says what there is to prove now, or why nothing can be. */
export function createGuardProof(
  carrier: Pick<Carrier, 'prove'>,
  target: () => Result<ProvableWall, string>,
): GuardProof {
  const heartbeat = createHeartbeat();
  return {
    hurry: () => heartbeat.hurry(),
    unproved: () => heartbeat.unproved(),
    prove() {
      const wall = target();
      return wall.ok
        ? carrier.prove(wall.value.where, wall.value.plan, true)
        : Promise.resolve(failed(wall.error));
    },
    async beat(standsFor) {
      if (!heartbeat.isDue(performance.now())) return undefined;
      const wall = target();
      if (!wall.ok || standsFor !== wall.value.where.pid) return undefined;
      const proved = await carrier.prove(wall.value.where, wall.value.plan, false);
      const at = performance.now();
      if (proved.ok) return heartbeat.hear(proved.value, at);
      heartbeat.fail(proved.error, at);
      return undefined;
    },
  };
}

/** What can be proved of a place: nothing of one where nothing that tries to get out would run. */
export function provableWall(
  isClosing: boolean,
  where: Place | undefined,
  isPaused: boolean,
  plan: () => Result<WallPlan, string>,
): Result<ProvableWall, string> {
  if (!isClosing) return failed('Its mode is neither enforce nor ask.');
  if (where === undefined || isPaused) return failed('It does not run.');
  const planned = plan();
  return planned.ok ? ok({ where, plan: planned.value }) : planned;
}
