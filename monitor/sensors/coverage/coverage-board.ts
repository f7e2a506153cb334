import type { Coverage, SensorName, Sight } from '../../model/coverage.ts';
import type { CoverageObservation } from '../../model/observation.ts';
import type { ContainerId, Workload } from '../../model/workload.ts';
import type { Clock } from '../../runtime/clock.ts';
import { startCoverage, stepCoverage } from './step-coverage.ts';

/** The badges of all containers. */
export interface CoverageBoard {
  add(workload: Workload): void;
  remove(container: ContainerId): void;
  /** What a sensor sees of the container now, and how much of it is lost; tells changes only. */
  show(workload: Workload, sensor: SensorName, sight: Sight, dropped: number): void;
  /** Whether the container has a badge of this sensor. */
  has(container: ContainerId, sensor: SensorName): boolean;
  /** Takes the egress badge off: nothing is done about the container's egress any more. */
  hideEgress(container: ContainerId): void;
  /** The badges of one container; empty for one that is not watched. */
  of(container: ContainerId): readonly Coverage[];
}

/**
 * A badge for system calls only where the machine's kernel runs the container, one for egress only
 * where it has a list of rules.
 */
type Badges = Record<Exclude<SensorName, Occasional>, Coverage> & {
  [Name in Occasional]?: Coverage;
};
type Occasional = 'syscalls' | 'egress';

/** A board with nobody on it. */
export function createCoverageBoard(
  clock: Clock,
  onObservation: (observation: CoverageObservation) => void,
): CoverageBoard {
  const board = new Map<ContainerId, Badges>();
  return {
    add(workload) {
      const at = clock.now();
      board.set(workload.container, {
        resource: startCoverage('resource', at),
        lifecycle: startCoverage('lifecycle', at),
        process: startCoverage('process', at),
      });
    },
    remove(container) {
      board.delete(container);
    },
    show(workload, sensor, sight, dropped) {
      const badges = board.get(workload.container);
      if (badges === undefined) return;
      const before = badges[sensor] ?? startCoverage(sensor, clock.now());
      badges[sensor] ??= before;
      const coverage = stepCoverage(before, sight, dropped, clock.now());
      if (coverage === before) return;
      badges[sensor] = coverage;
      onObservation({
        kind: 'coverage',
        at: clock.now(),
        workload: workload.key,
        container: workload.container,
        coverage,
      });
    },
    has: (container, sensor) => board.get(container)?.[sensor] !== undefined,
    hideEgress(container) {
      delete board.get(container)?.egress;
    },
    of(container) {
      const badges = board.get(container);
      if (badges === undefined) return [];
      const { resource, lifecycle, process, syscalls, egress } = badges;
      const occasional = [syscalls, egress].filter((coverage) => coverage !== undefined);
      return [resource, lifecycle, process, ...occasional];
    },
  };
}
