import { seeing, starting, type Sight } from '../../model/coverage.ts';
import type { ResourceEvidence } from '../coverage/resource-evidence.ts';
import type { KernelState } from './kernel-sensor.ts';

/** What speaks for or against the calls seen of one container; times are monotonic milliseconds. */
export interface SyscallsEvidence {
  /** Whether the kernel program has taken it in. */
  taken: 'asked' | 'yes' | 'no-room';
  askedAt: number;
  /** When the latest window came that held this container, empty or not. */
  windowAt: number | undefined;
  /** When single events were lost last. */
  lostAt: number | undefined;
}

/** What is said of a container whose calls nothing here could ever count. */
export const noSource: Sight = {
  state: 'blind',
  lasting: true,
  reason:
    'Its system calls are counted by nobody: the kernel of this machine does not run it, or Sentra ' +
    'reads through the engine’s API alone. What it runs is listed on demand; to see calls, run Sentra ' +
    'as root on the engine’s own Linux machine, or: sentra helper install',
};

/** How long nothing may arrive before the sensor counts as blind, and a loss is news; milliseconds. */
const silenceMs = 5000;
const newsOfLossMs = 60_000;

/** What the counts of one container are worth. `beatAt`: when the program last proved that it runs. */
export function syscallsSight(
  kernel: KernelState,
  beatAt: number | undefined,
  evidence: SyscallsEvidence,
  resource: Pick<ResourceEvidence, 'mainProcess' | 'outside'> | undefined,
  now: number,
): Sight {
  if (kernel.name === 'failed') return { state: 'blind', reason: kernel.reason };
  if (evidence.taken === 'no-room') {
    return { state: 'blind', reason: 'The kernel sensor has no room for more containers.' };
  }
  const since = evidence.windowAt ?? evidence.askedAt;
  if (now - since >= silenceMs) {
    return {
      state: 'blind',
      reason: `The kernel sensor has told nothing for ${silenceMs / 1000} s.`,
    };
  }
  if (evidence.windowAt === undefined) return starting;
  // Its loader makes calls all the time: none counted means that the kernel no longer runs the program.
  if (beatAt === undefined || now - beatAt >= silenceMs) {
    return { state: 'blind', reason: 'The kernel no longer runs the program that counts calls.' };
  }
  if (resource?.mainProcess === 'elsewhere' || (resource?.outside ?? 0) > 0) {
    return {
      state: 'partly',
      reason: 'Processes of the container are outside its cgroup: their calls are not counted.',
    };
  }
  if (evidence.lostAt !== undefined && now - evidence.lostAt < newsOfLossMs) {
    return {
      state: 'partly',
      reason:
        'It made more rare calls or process starts than are kept: all are counted, not all told.',
    };
  }
  return seeing;
}
