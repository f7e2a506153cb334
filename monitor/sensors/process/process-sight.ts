import type { EngineError } from '../../engine/port.ts';
import { starting, type Sight } from '../../model/coverage.ts';
import type { ContainerId, Workload } from '../../model/workload.ts';
import type { Result } from '../../runtime/result.ts';

/** What the engine's answers about containers' processes are worth. */
export interface ProcessSights {
  /** Takes in how the engine answered for a container; `now` is monotonic milliseconds. */
  answered(workload: Workload, answer: Result<unknown, EngineError>, now: number): void;
  /**
   * What asking for its processes would come to now. `engine` is what is known of the engine, which
   * is the one to be asked.
   */
  sight(workload: Workload, engine: Sight, now: number): Sight;
  forget(container: ContainerId): void;
}

interface Answered {
  readonly sight: Sight;
  readonly at: number;
  readonly mainPid: number | undefined;
  readonly startedAt: number | undefined;
}

/**
 * How long an answer speaks for the next, milliseconds. None is asked for to keep it fresh: the
 * engine runs a program for each.
 */
export const answerStandsMs = 60_000;

const onDemand: Sight = { state: 'on-demand' };

/** Nobody was asked about yet. */
export function createProcessSights(): ProcessSights {
  const answers = new Map<ContainerId, Answered>();
  return {
    answered({ container, mainPid, startedAt }, answer, now) {
      const sight: Sight = answer.ok ? onDemand : { state: 'blind', reason: answer.error.message };
      answers.set(container, { sight, at: now, mainPid, startedAt });
    },
    sight({ container, mainPid, startedAt }, engine, now) {
      if (engine.state === 'blind') return engine;
      const latest = answers.get(container);
      if (latest === undefined) return starting;
      const sameRun = latest.mainPid === mainPid && latest.startedAt === startedAt;
      if (sameRun && now - latest.at < answerStandsMs) return latest.sight;
      answers.delete(container);
      return starting;
    },
    forget: (container) => answers.delete(container),
  };
}
