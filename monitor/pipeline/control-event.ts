import type { Action } from '../model/action.ts';
import type { ControlObservation } from '../model/observation.ts';

/**
 * What a finished action means to the detectors; undefined when it changes nothing that they see.
 * `frozen` says whether the container is frozen now.
 */
export function controlEventOf(action: Action, frozen: boolean): ControlObservation | undefined {
  const { outcome } = action;
  if (outcome.state !== 'proved' && outcome.state !== 'partly') return undefined;
  const of = {
    kind: 'control' as const,
    at: action.finishedAt ?? action.startedAt,
    workload: action.workload,
    container: action.container,
  };
  switch (action.name) {
    case 'pause':
    case 'quarantine':
      return frozen ? { ...of, event: { name: 'contained' } } : undefined;
    case 'kill':
    case 'stop':
      return { ...of, event: { name: 'killed' } };
    case 'resume':
      return { ...of, event: { name: 'resumed' } };
    case 'release':
      return { ...of, event: { name: 'released' } };
    case 'notify':
    case 'limit':
      return undefined;
  }
}
