import type { Coverage, SensorName, Sight } from '../../model/coverage.ts';
import type { Moment } from '../../model/time.ts';

/** A badge of which nothing is known yet. */
export function startCoverage(sensor: SensorName, at: Moment): Coverage {
  return { sensor, sight: { state: 'starting' }, since: at, dropped: 0 };
}

/**
 * The badge after new evidence: the very same object when nothing changed, so that only changes are
 * told. `since` moves with the state, not with the reason.
 */
export function stepCoverage(
  coverage: Coverage,
  sight: Sight,
  dropped: number,
  at: Moment,
): Coverage {
  if (coverage.dropped === dropped && sameSight(coverage.sight, sight)) return coverage;
  const since = coverage.sight.state === sight.state ? coverage.since : at;
  return { sensor: coverage.sensor, sight, since, dropped };
}

function sameSight(left: Sight, right: Sight): boolean {
  return (
    left.state === right.state &&
    reasonOf(left) === reasonOf(right) &&
    limitsOf(left) === limitsOf(right) &&
    'unguarded' in left === 'unguarded' in right &&
    'lasting' in left === 'lasting' in right
  );
}

/** In one text, to be compared. */
function limitsOf(sight: Sight): string | undefined {
  return 'limits' in sight ? sight.limits?.join('\n') : undefined;
}

/** The reason of a sight that has one. */
export function reasonOf(sight: Sight): string | undefined {
  return sight.state === 'partly' || sight.state === 'blind' ? sight.reason : undefined;
}
