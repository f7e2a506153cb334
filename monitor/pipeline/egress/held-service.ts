import { offersFor } from '../../egress/ask/offers.ts';
import type { Egress } from '../../egress/egress.ts';
import type { SeenDestination } from '../../model/egress.ts';
import type { HeldQuestion, HeldRequest } from '../../model/held.ts';
import type { WorkloadKey } from '../../model/workload.ts';
import type { Store } from '../../record/store.ts';
import type { ActRefusal } from '../../rpc/service/service.ts';
import type { HeldReport, HeldRuling, HeldService } from '../../rpc/service/service-held.ts';
import type { Clock } from '../../runtime/clock.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';
import { whoBy } from './egress-service.ts';
import type { Losses } from '../losses.ts';
import type { Pipeline } from '../pipeline.ts';

/** What questions about held connections are put together from. */
export interface HeldServiceParts {
  readonly egress: Pick<Egress, 'asking' | 'edit'>;
  readonly pipeline: Pick<Pipeline, 'workloadOf'>;
  readonly store: Pick<Store, 'egress'>;
  readonly losses: Pick<Losses, 'check'>;
  readonly clock: Pick<Clock, 'now'>;
}

const day = 24 * 3_600_000;
/** How far back the record of destinations is asked for a visit. */
const recordMs = 8 * day;
const mostLooked = 20_000;

/** What a person is asked about held connections, and answers. */
export function createHeldService(parts: HeldServiceParts): HeldService {
  const { egress, pipeline, store, losses, clock } = parts;
  const beingAnswered = new Set<string>();

  function past(workload: WorkloadKey): readonly SeenDestination[] {
    const listed = store.egress.list(workload, clock.now() - recordMs, mostLooked);
    losses.check(listed);
    return listed.ok ? listed.value : [];
  }

  function questionOf(request: HeldRequest, recorded: readonly SeenDestination[]): HeldQuestion {
    const since = clock.now() - day;
    const lately = recorded.filter(({ lastSeenAt }) => lastSeenAt >= since);
    const { name, address } = request;
    const visits = recorded
      .filter((each) => (name === undefined ? each.address === address : each.name === name))
      // What was refused was no visit.
      .filter(({ receivedPackets }) => receivedPackets > 0)
      .map(({ lastSeenAt }) => lastSeenAt);
    const begins = recorded.map(({ firstSeenAt }) => firstSeenAt);
    return {
      ...request,
      offers: offersFor(request, lately),
      destinations: lately.length,
      lastVisit: visits.length === 0 ? undefined : Math.max(...visits),
      recordedSince: begins.reduce<number | undefined>(
        (least, each) => Math.min(least ?? each, each),
        undefined,
      ),
    };
  }

  function report(notice?: string): HeldReport {
    const requests = egress.asking?.requests() ?? [];
    const records = new Map<WorkloadKey, readonly SeenDestination[]>();
    for (const { workload } of requests) {
      if (!records.has(workload)) records.set(workload, past(workload));
    }
    const questions = requests.map((each) => questionOf(each, records.get(each.workload) ?? []));
    return { questions, notice };
  }

  async function rule(
    verdict: 'allow' | 'deny',
    { id, rule: wish, from }: HeldRuling,
  ): Promise<Result<HeldReport, ActRefusal>> {
    const request = egress.asking?.requests().find((each) => each.id === id);
    const workload = request === undefined ? undefined : pipeline.workloadOf(request.container);
    if (workload === undefined) return notHeld();
    // Two persons, or two windows: the second one's answer must not turn the first one's round unseen.
    if (beingAnswered.has(id)) return notPossible('Somebody answers this at this moment.');
    beingAnswered.add(id);
    try {
      const edited = await egress.edit(
        workload,
        { kind: 'rule', rule: { ...wish, verdict } },
        whoBy(from),
      );
      return edited.ok ? ok(report(edited.value)) : notPossible(edited.error);
    } finally {
      beingAnswered.delete(id);
    }
  }

  function answer(id: string, how: 'refuse-once' | 'defer'): Result<HeldReport, ActRefusal> {
    if (beingAnswered.has(id)) return notPossible('Somebody answers this at this moment.');
    const answered = egress.asking?.answer(id, how);
    if (answered === undefined) return notHeld();
    return answered.ok ? ok(report()) : notPossible(answered.error);
  }

  return {
    egressHeld: () => report(),
    egressHeldAllow: (ruling) => rule('allow', ruling),
    egressHeldDeny: (ruling) => rule('deny', ruling),
    egressHeldRefuse: ({ id }) => answer(id, 'refuse-once'),
    egressHeldDefer: ({ id }) => answer(id, 'defer'),
  };
}

function notHeld(): Result<never, ActRefusal> {
  return notPossible('This is not held any more: it was answered, or its container has ended.');
}

function notPossible(message: string): Result<never, ActRefusal> {
  const advice = 'See what is held now with: sentra egress held';
  return failed({ kind: 'not-possible', message, advice, candidates: [] });
}
