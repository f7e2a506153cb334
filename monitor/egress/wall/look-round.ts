import type { ContainerId } from '../../model/workload.ts';
import { messageOf, type Logger } from '../../runtime/logger.ts';
import type { Carrier } from '../carrier/carrier.ts';
import type { ContainerGuard } from '../guard/guard-contract.ts';

/** Has many guards look with one reading, and keeps the gate as their walls need it. */
export interface LookRound {
  /** Resolves when these have looked and the gate follows. */
  at(guards: readonly ContainerGuard[]): Promise<void>;
  /** A container came, went, or may be let through: the gate follows soon. */
  gate(): Promise<void>;
  /** Resolves when nothing is in hand. */
  settled(): Promise<void>;
}

/** `all` are the guards of all containers, whoever looks. */
export function createLookRound(parts: {
  readonly carrier: Carrier;
  readonly all: () => readonly ContainerGuard[];
  readonly unwatched: () => ReadonlySet<ContainerId>;
  /** Whether every container that the engine had at the start is known; the gate waits for it. */
  readonly isListed: () => boolean;
  readonly logger: Logger;
}): LookRound {
  const { carrier, logger } = parts;
  let inHand: Promise<void> = Promise.resolve();
  let isDue = false;
  let lastProblem: string | undefined;

  async function keepGate(): Promise<void> {
    isDue = false;
    // Who is not known yet is neither to be shut out nor to be let out by what is decided now.
    if (!parts.isListed()) return;
    const guards = parts.all();
    const roles = guards.map((guard) => ({ guard, role: guard.gateRole() }));
    if (roles.some(({ role }) => role.kind === 'unknown')) return;
    const answer = await carrier.gate({
      guarded: roles.flatMap(({ role }) =>
        role.kind === 'guarded' ? [{ ...role.place, devices: role.devices }] : [],
      ),
      free: roles.flatMap(({ role }) => (role.kind === 'free' ? [role.place] : [])),
      unwatched: parts.unwatched(),
      hasWaiting: roles.some(({ role }) => role.kind === 'waiting'),
    });
    const problem = answer.ok ? answer.value.breach : answer.error;
    if (problem !== undefined && problem !== lastProblem) logger.warn(`Egress: ${problem}`);
    lastProblem = problem;
    for (const { guard, role } of roles) {
      if (role.kind !== 'guarded') continue;
      if (!answer.ok) guard.hearGate(`the gate could not be put up (${answer.error})`);
      else {
        guard.hearGate(answer.value.uncovered.get(role.place.container));
        if (answer.value.breach !== undefined) guard.tellBreach(answer.value.breach);
      }
    }
  }

  /** One at a time; what is asked for meanwhile is done once, afterwards. */
  function gate(): Promise<void> {
    if (!isDue) {
      isDue = true;
      inHand = inHand
        .then(keepGate)
        .catch((error: unknown) => logger.error(`The gate: ${messageOf(error)}`));
    }
    return inHand;
  }

  return {
    async at(guards) {
      const offers = guards.flatMap((guard) => {
        const offer = guard.offer();
        return offer === undefined ? [] : [{ guard, offer }];
      });
      const readings = await carrier.read(offers.map(({ offer }) => offer.place));
      const taken = new Map(
        offers.flatMap(({ guard, offer: { place, epoch } }) => {
          const reading = readings.get(place.container);
          return reading === undefined ? [] : [[guard, { epoch, reading }] as const];
        }),
      );
      for (const guard of guards) await guard.look(taken.get(guard));
      await gate();
      for (const guard of guards) void guard.beat();
    },
    gate,
    settled: () => inHand,
  };
}
