import type { EgressProbe } from '../../model/egress.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';
import type { Carrier, Place } from '../carrier/carrier.ts';
import { createHeartbeat, proofPeriodMs } from './heartbeat.ts';
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
  /** Resolves when no beat is in hand. */
  settled(): Promise<unknown>;
}

/** What proofs are made with. */
export interface ProofParts {
  /** That allowed name is asked by a proof, and not by the container. */
  readonly onAsk: (name: string) => void;
  /** Another number after everything that may have made the wall's counters begin anew. */
  readonly epoch: () => number;
  /** From proof to proof, milliseconds; default five minutes. */
  readonly proofMs?: number | undefined;
  /** Milliseconds that never jump. */
  readonly monotonic?: () => number;
}

/** On request; whoever asks may ask again. */
const mostTries = 3;

/** Proofs are due at once. `target` says what there is to prove now, or why nothing can be. */
export function createGuardProof(
  carrier: Pick<Carrier, 'prove'>,
  target: () => Result<ProvableWall, string>,
  { onAsk, epoch, proofMs = proofPeriodMs, monotonic: now = () => performance.now() }: ProofParts,
): GuardProof {
  const heartbeat = createHeartbeat(proofMs);
  /** The start of the container, and its networks, when a proof last began. */
  let provedFor: string | undefined;

  let isBeating = false;
  let inHand: Promise<unknown> = Promise.resolve();

  /** One after another: each goes by what the wall counted meanwhile. */
  function inTurn<Value>(task: () => Promise<Value>): Promise<Value> {
    const next = inHand.then(task);
    inHand = next.catch(() => undefined);
    return next;
  }

  /** Undefined when the wall was changed meanwhile, by looks, which go on: nothing is known then. */
  async function run(
    { where, plan }: ProvableWall,
    name: string | undefined,
  ): Promise<Result<readonly EgressProbe[], string> | undefined> {
    const before = epoch();
    if (name !== undefined) onAsk(name);
    const proved = await carrier.prove(where, plan, name);
    return epoch() === before ? proved : undefined;
  }

  async function proveNow(): Promise<Result<readonly EgressProbe[], string>> {
    for (let tries = 0; tries < mostTries; tries += 1) {
      const wall = target();
      if (!wall.ok) return wall;
      const proved = await run(wall.value, allowedNames(wall.value.plan)[0]);
      if (proved !== undefined) return proved;
    }
    return failed('Its wall was changed while it was proved.');
  }

  async function beatNow(standsFor: number): Promise<string | undefined> {
    const wall = target();
    if (!wall.ok || standsFor !== wall.value.where.pid) return undefined;
    const { where, plan } = wall.value;
    const here = [where.pid, ...plan.networks].join(' ');
    if (here !== provedFor) heartbeat.moved();
    provedFor = here;
    const name = heartbeat.nameFor(allowedNames(plan), now());
    const proved = await run({ where, plan }, name);
    if (proved === undefined) heartbeat.hurry();
    else if (proved.ok) return heartbeat.hear(proved.value, name !== undefined, now());
    else heartbeat.fail(proved.error, now());
    return undefined;
  }

  return {
    hurry: () => heartbeat.hurry(),
    unproved: () => heartbeat.unproved(),
    prove: () => inTurn(proveNow),
    settled: () => inHand,
    async beat(standsFor) {
      if (isBeating || !heartbeat.isDue(now())) return undefined;
      isBeating = true;
      return inTurn(() => beatNow(standsFor)).finally(() => {
        isBeating = false;
      });
    },
  };
}

function allowedNames({ names }: WallPlan): readonly string[] {
  return names.flatMap(({ name, itself }) => (itself.kind === 'allowed' ? [name] : []));
}

/** What can be proved of a place: nothing of one where nothing that tries to get out would run. */
export function provableWall(
  isClosing: boolean,
  where: Place | undefined,
  isPaused: boolean,
  plan: () => Result<WallPlan, string>,
): Result<ProvableWall, string> {
  if (!isClosing)
    return failed(
      'Nothing is refused in its mode, so that there is no wall to prove: see sentra egress mode.',
    );
  if (where === undefined || isPaused) return failed('It does not run.');
  const planned = plan();
  return planned.ok ? ok({ where, plan: planned.value }) : planned;
}
