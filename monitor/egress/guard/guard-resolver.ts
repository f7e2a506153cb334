import type { Carrier, Place, Reading } from '../carrier/carrier.ts';
import type { WallPlan } from '../wall/wall-plan.ts';

/** Why a resolver could not be started. */
export interface ResolverProblem {
  /** As a sentence for the badge. */
  readonly reason: string;
  /** Whether the one that ran before goes on. */
  readonly olderRuns: boolean;
}

/** The resolver of one container, as far as this run has started it. */
export interface GuardResolver {
  /** Whether this run has started one. */
  isOurs(): boolean;
  /** Whether one has to be started for that wall. */
  isDue(plan: WallPlan, reading: Reading): boolean;
  /** Whether it was started for that very list. */
  isFor(plan: WallPlan): boolean;
  /** Starts one in place of an older one, or ends it where none is needed. */
  renew(where: Place, plan: WallPlan): Promise<ResolverProblem | undefined>;
  forget(): void;
}

/** Has started none. `read` looks at the container. */
export function createGuardResolver(
  carrier: Pick<Carrier, 'resolve'>,
  onLine: (line: string) => void,
  read: (where: Place) => Promise<{ readonly ok: boolean; readonly value?: Reading }>,
): GuardResolver {
  let fingerprint: string | undefined;

  return {
    isOurs: () => fingerprint !== undefined,
    isDue: ({ mode }, { resolver }) =>
      mode === 'enforce' && !(fingerprint !== undefined && resolver === 'runs'),
    isFor: (plan) => fingerprint === plan.fingerprint,
    async renew(where, plan) {
      const started = await carrier.resolve(where, plan, onLine);
      const runsNow = started.ok && plan.mode === 'enforce';
      fingerprint = runsNow ? plan.fingerprint : undefined;
      if (started.ok) return undefined;
      const after = await read(where);
      const olderRuns = after.value?.resolver === 'runs';
      const what = olderRuns ? 'Its resolver cannot be renewed' : 'Closed, no name is resolved';
      return { reason: `${what}: ${started.error}`, olderRuns };
    },
    forget() {
      fingerprint = undefined;
    },
  };
}
