import type { ResourceObservation } from '../../../monitor/model/observation.ts';
import type { RecordedWork } from './work-recording.ts';

/** What an incident runs against in a container, as far as its recording shows it. */
export interface ContainerTraits {
  readonly workload: string;
  readonly container: string;
  /** The most it ever computed with over a second or so: its limit, or near it. */
  readonly cores: number;
  readonly memoryLimitBytes: number;
  readonly pidsLimit: number;
  /** The calls it made at any time. */
  readonly calls: ReadonlySet<string>;
  /** The most it made of each within a second, as an average over a second or so. */
  readonly tops: ReadonlyMap<string, number>;
}

/** Looks through the recorded work of a container. */
export function traitsOf({ workload, container, phases }: RecordedWork): ContainerTraits {
  const tops = new Map<string, number>();
  const readings: ResourceObservation[] = [];
  for (const { observations } of phases) {
    for (const observation of observations) {
      if (observation.kind === 'resource') readings.push(observation);
      if (observation.kind !== 'syscalls') continue;
      const seconds = observation.intervalMs / 1000;
      for (const [name, count] of Object.entries(observation.counts)) {
        const level = seconds >= 0.9 ? count / seconds : 0;
        tops.set(name, Math.max(level, tops.get(name) ?? 0));
      }
    }
  }
  const whole = readings.filter(({ intervalMs }) => intervalMs >= 900);
  const cores = whole.map(({ cpuCores }) => cpuCores).sort((a, b) => a - b);
  const last = readings.at(-1);
  return {
    workload,
    container,
    cores: cores[Math.floor(cores.length * 0.995)] ?? 1,
    memoryLimitBytes: last?.memoryLimitBytes ?? Infinity,
    pidsLimit: last?.pidsLimit ?? Infinity,
    calls: new Set(tops.keys()),
    tops,
  };
}
