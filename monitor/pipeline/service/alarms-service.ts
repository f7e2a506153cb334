import { z } from 'zod';
import { alarmsPerDayBounds, defaultAlarmsPerDay } from '../../detect/budget/alarm-budget.ts';
import { claimInWords, type AlarmOutlook } from '../../detect/budget/alarm-outlook.ts';
import type { ControlObservation } from '../../model/observation.ts';
import type { Workload, WorkloadKey } from '../../model/workload.ts';
import type { Store } from '../../record/store.ts';
import type { AlarmsService, AlarmsView } from '../../rpc/service/service-alarms.ts';
import type { Clock } from '../../runtime/clock.ts';
import { failed, ok } from '../../runtime/result.ts';
import type { Losses } from '../losses.ts';

/** The budget of false alarms as the person set it, kept in the record and heard by the detectors. */
export interface Alarms extends AlarmsService {
  /** A container is taken in: the detectors hear of a budget that is not what they know. */
  begin(workload: Workload): void;
}

export interface AlarmsParts {
  readonly store: Pick<Store, 'settings'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly losses: Losses;
  readonly workloads: () => readonly Workload[];
  readonly outlook: (workload: WorkloadKey) => AlarmOutlook | undefined;
  readonly observe: (observation: ControlObservation) => void;
}

const key = 'alarms-per-day';

const schema = z.number().min(alarmsPerDayBounds.least).max(alarmsPerDayBounds.most);

/** With the budget that was set before the monitor last stopped. */
export function createAlarms(parts: AlarmsParts): Alarms {
  const { store, clock, losses } = parts;
  const stored = store.settings.get(key, schema);
  losses.check(stored);
  let alarmsPerDay = (stored.ok ? stored.value : undefined) ?? defaultAlarmsPerDay;

  function say({ key: workload, container }: Workload): void {
    const event = { name: 'budget-changed', alarmsPerDay } as const;
    parts.observe({ kind: 'control', at: clock.now(), workload, container, event });
  }

  function alarms(): AlarmsView {
    const seen = new Map<WorkloadKey, Workload>();
    for (const workload of parts.workloads()) {
      if (!seen.has(workload.key)) seen.set(workload.key, workload);
    }
    return {
      alarmsPerDay,
      workloads: [...seen].flatMap(([workload, { name }]) => {
        const outlook = parts.outlook(workload);
        if (outlook === undefined) return [];
        const { watchedMs, expectedPerDay, actualPerDay, told, markedFalse, onceInMs } = outlook;
        const figures = { watchedMs, expectedPerDay, actualPerDay, told, markedFalse, onceInMs };
        return [{ workload, name, ...figures, claim: claimInWords(outlook) }];
      }),
    };
  }

  return {
    alarms,
    begin(workload) {
      if (parts.outlook(workload.key)?.alarmsPerDay !== alarmsPerDay) say(workload);
    },
    setAlarmBudget({ alarmsPerDay: wanted, direction }) {
      const isLower = wanted < alarmsPerDay;
      if (wanted !== alarmsPerDay && isLower !== (direction === 'lower')) {
        const message = `The budget is ${alarmsPerDay} a day: ${wanted} is ${isLower ? 'less' : 'more'}.`;
        const advice = 'It was changed meanwhile; look at it, then say what you want.';
        return failed({ kind: 'wrong-direction', message, advice });
      }
      const kept = store.settings.set(key, wanted);
      if (!kept.ok) {
        const advice = 'Look at the disk that holds the record, then try again.';
        return failed({ kind: 'not-recorded', message: kept.error.message, advice });
      }
      alarmsPerDay = wanted;
      for (const workload of parts.workloads()) say(workload);
      return ok(alarms());
    },
  };
}
