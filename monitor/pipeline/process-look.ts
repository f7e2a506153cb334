import type { EngineError } from '../engine/port.ts';
import { atLeast, type Finding } from '../model/finding.ts';
import type { ProcessObservation } from '../model/observation.ts';
import type { ContainerId, Workload } from '../model/workload.ts';
import type { Clock } from '../runtime/clock.ts';
import { messageOf, type Logger } from '../runtime/logger.ts';
import type { Result } from '../runtime/result.ts';

/** Asks for the processes of containers about which something was found. */
export interface ProcessLook {
  /** To be told of every finding, each time it changes. */
  finding(finding: Finding, workload: Workload): void;
  forget(container: ContainerId): void;
}

export interface ProcessLookParts {
  /** Undefined while there are no sensors. What is seen goes its own way, as an observation. */
  readonly processes: (
    container: ContainerId,
  ) => Promise<Result<ProcessObservation, EngineError>> | undefined;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly logger: Logger;
}

interface Looks {
  busy: boolean;
  lookedAt: number;
  /** Open findings that had their look. */
  readonly findings: Set<string>;
}

/** From look to look at one container, milliseconds: the engine runs a `ps` for each. */
const restMs = 10_000;
/** Looks at once over all containers: many may be struck in the same second. */
const mostAtOnce = 4;

/**
 * Has nothing looked at yet. Every open finding of medium severity or more gets one look; where one
 * is not possible now, since the container was looked at a moment ago, the finding's next change is
 * the next occasion.
 */
export function createProcessLook({ processes, clock, logger }: ProcessLookParts): ProcessLook {
  const all = new Map<ContainerId, Looks>();
  let atOnce = 0;

  function look(container: ContainerId, looks: Looks): void {
    const asked = processes(container);
    if (asked === undefined) return;
    looks.busy = true;
    looks.lookedAt = clock.monotonic();
    atOnce += 1;
    asked
      .catch((error: unknown) => {
        // An engine that refuses is shown by the badge; this is a bug.
        logger.error(`The processes could not be looked at: ${messageOf(error)}`);
      })
      .finally(() => {
        looks.busy = false;
        atOnce -= 1;
      });
  }

  return {
    finding(finding, { container, state }) {
      if (finding.status === 'closed') {
        all.get(container)?.findings.delete(finding.id);
        return;
      }
      if (!atLeast(finding.severity, 'medium') || state !== 'running') return;
      const looks = all.get(container) ?? {
        busy: false,
        lookedAt: Number.NEGATIVE_INFINITY,
        findings: new Set<string>(),
      };
      all.set(container, looks);
      if (looks.findings.has(finding.id) || looks.busy || atOnce >= mostAtOnce) return;
      if (clock.monotonic() - looks.lookedAt < restMs) return;
      looks.findings.add(finding.id);
      look(container, looks);
    },
    forget: (container) => void all.delete(container),
  };
}
