import type { Egress } from '../../egress/egress.ts';
import { learnRules } from '../../egress/past/lesson.ts';
import { remarksOn } from '../../egress/list/rule-remark.ts';
import { presets } from '../../egress/list/presets.ts';
import { previewRules } from '../../egress/past/preview.ts';
import type { SeenDestination, SeenKind, SeenName } from '../../model/egress.ts';
import type { Moment } from '../../model/time.ts';
import type { Workload, WorkloadKey } from '../../model/workload.ts';
import type { Store } from '../../record/store.ts';
import type { EgressQueries } from '../../rpc/service/egress-service.ts';
import type { ActRefusal } from '../../rpc/service/service.ts';
import { resolveTarget } from '../../rpc/target.ts';
import type { Clock } from '../../runtime/clock.ts';
import { ok, type Result } from '../../runtime/result.ts';
import type { Losses } from '../losses.ts';
import type { Pipeline } from '../pipeline.ts';

/** What the questions about egress are answered from. */
export interface EgressQueryParts {
  readonly egress: Egress;
  readonly pipeline: Pick<Pipeline, 'views'>;
  readonly store: Pick<Store, 'egress' | 'egressNames' | 'egressKinds'>;
  readonly losses: Losses;
  readonly clock: Pick<Clock, 'now'>;
}

const hour = 3_600_000;
const mostShown = 500;
/** What a preview and a lesson look at; a day holds at most 12,000. */
const mostTried = 20_000;

/** What the monitor tells about lists. */
export function createEgressQueries(parts: EgressQueryParts): EgressQueries {
  const { egress, pipeline, store, losses, clock } = parts;

  function of(target: string): Result<Workload, ActRefusal> {
    return resolveTarget(
      pipeline.views().map(({ workload }) => workload),
      target,
    );
  }

  function seen(workload: WorkloadKey, since: Moment, limit: number): readonly SeenDestination[] {
    const listed = store.egress.list(workload, since, limit);
    losses.check(listed);
    return listed.ok ? listed.value : [];
  }

  function names(
    workload: WorkloadKey,
    since: Moment,
    limit: number,
    which: 'all' | 'kept-back',
  ): readonly SeenName[] {
    const listed = store.egressNames.list(workload, since, limit, which);
    losses.check(listed);
    return listed.ok ? listed.value : [];
  }

  function kinds(workload: WorkloadKey, since: Moment): readonly SeenKind[] {
    const listed = store.egressKinds.list(workload, since);
    losses.check(listed);
    return listed.ok ? listed.value : [];
  }

  /** What decides about a list: where it talked to, and which names led nowhere. */
  function tried(workload: WorkloadKey, since: Moment) {
    return [
      seen(workload, since, mostTried),
      names(workload, since, mostTried, 'kept-back'),
    ] as const;
  }

  return {
    egressPresets: () => ({ presets, profiles: egress.profiles() }),
    egressExport({ target }) {
      const workload = of(target);
      return workload.ok ? ok({ text: egress.document(workload.value.key) }) : workload;
    },
    egressSeen({ target, hours }) {
      const workload = of(target);
      if (!workload.ok) return workload;
      const since = clock.now() - hours * hour;
      const { key } = workload.value;
      const destinations = seen(key, since, mostShown);
      // However many others it asks for, they do not crowd out what was kept back.
      const keptBack = names(key, since, mostShown, 'kept-back');
      const letThrough = names(key, since, mostShown, 'all').filter(
        ({ refused, held }) => refused + held === 0,
      );
      const asked = [...keptBack, ...letThrough].sort(
        (one, other) => other.lastSeenAt - one.lastSeenAt,
      );
      return ok({ since, destinations, names: asked, kinds: kinds(key, since) });
    },
    egressCheck({ target, profiles, rules }) {
      const workload = of(target);
      if (!workload.ok) return workload;
      const checked = egress.check(workload.value, profiles, rules);
      const remarks = remarksOn(rules);
      if (!checked.ok) return ok({ problems: checked.error, remarks, preview: undefined });
      const since = clock.now() - 24 * hour;
      const { key } = workload.value;
      const [past, asked] = tried(key, since);
      return ok({
        problems: [],
        remarks,
        preview: previewRules(checked.value, past, asked, since),
      });
    },
    egressLearn({ target, hours }) {
      const workload = of(target);
      if (!workload.ok) return workload;
      const since = clock.now() - hours * hour;
      const { key } = workload.value;
      const [past, asked] = tried(key, since);
      return ok({ since, ...learnRules(egress.inForce(workload.value), past, asked) });
    },
  };
}
