import type { ProcessStartObservation } from '../../../../monitor/model/observation.ts';

/** When everything in these stories happens. */
export const at = 1_700_000_000_000;

/** A start of `ls` by a shell, but for what is said. */
export function start(change: Partial<ProcessStartObservation>): ProcessStartObservation {
  return {
    kind: 'process-start',
    at,
    workload: 'agent',
    container: 'c0ffee',
    pid: 4711,
    parentPid: 4700,
    uid: 0,
    program: '/usr/bin/ls',
    parentProgram: '/usr/bin/dash',
    programIsNew: false,
    inMemory: false,
    network: undefined,
    arguments: [],
    fromOutside: false,
    ...change,
  };
}
