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

/** Where a workload was. */
interface Past {
  /** Within the past day. */
  readonly lately: readonly SeenDestination[];
  /** When it was there last, by address and by name. */
  readonly visits: ReadonlyMap<string, number>;
  readonly recordedSince: number | undefined;
}

const day = 24 * 3_600_000;
/** How far back the record of destinations is asked for a visit. */
const recordMs = 8 * day;
const mostLooked = 20_000;

/** What a person is asked about held connections, and answers. */
export function createHeldService(parts: HeldServiceParts): HeldService {
  const { egress, pipeline, store, losses, clock } = parts;
  const beingAnswered = new Set<string>();

  /** Read once for all questions of a workload: it may be long, and they many. */
  function past(workload: WorkloadKey): Past {
    const listed = store.egress.list(workload, clock.now() - recordMs, mostLooked);
    losses.check(listed);
    const recorded = listed.ok ? listed.value : [];
    const since = clock.now() - day;
    const visits = new Map<string, number>();
    let recordedSince: number | undefined;
    for (const { name, address, firstSeenAt, lastSeenAt, receivedPackets } of recorded) {
      recordedSince = Math.min(recordedSince ?? firstSeenAt, firstSeenAt);
      // What was refused was no visit.
      if (receivedPackets === 0) continue;
      for (const place of [address, name]) {
        if (place !== undefined) visits.set(place, Math.max(visits.get(place) ?? 0, lastSeenAt));
      }
    }
    const lately = recorded.filter(({ lastSeenAt }) => lastSeenAt >= since);
    return { lately, visits, recordedSince };
  }

  function questionOf(request: HeldRequest, { lately, visits, recordedSince }: Past): HeldQuestion {
    return {
      ...request,
      offers: offersFor(request, lately),
      destinations: lately.length,
      lastVisit: visits.get(request.name ?? request.address),
      recordedSince,
    };
  }

  function report(notice?: string): HeldReport {
    const requests = egress.asking?.requests() ?? [];
    const records = new Map<WorkloadKey, Past>();
    const questions = requests.map((each) => {
      const known = records.get(each.workload) ?? past(each.workload);
      records.set(each.workload, known);
      return questionOf(each, known);
    });
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
