import type { ContainerId } from '../../model/workload.ts';
import {
  startLineProcess,
  type LineProcess,
  type StartLineProcess,
} from '../../runtime/line-process.ts';
import { createLineProgram } from '../../runtime/line-program.ts';
import type { Logger } from '../../runtime/logger.ts';
import { plainText } from '../../runtime/plain-text.ts';
import { ok, type Result } from '../../runtime/result.ts';
import { findWallProgram } from '../wall/wall-program.ts';

/** A container's network namespace: that of a process, while it is still the one with this inode. */
export interface ExplainSpace {
  readonly container: ContainerId;
  readonly pid: number;
  readonly inode: number;
}

/**
 * Tells programs in containers' networks, where they speak plain HTTP, that they were refused and by
 * whom. All with one process; without it they are refused all the same, and are not told why.
 */
export interface Explainer {
  /** Explains there from now on; nothing more is done where it does already, or was tried in vain. */
  enter(space: ExplainSpace): void;
  leave(inode: number): void;
  close(): Promise<void>;
}

function startHere(): Result<LineProcess, string> {
  const path = findWallProgram('sentra-explains');
  return path.ok ? ok(startLineProcess(path.value)) : path;
}

/** Starts nothing before it is to explain somewhere. `nameOf` says how a person calls a container. */
export function createExplainer(
  logger: Logger,
  nameOf: (container: ContainerId) => string,
  begin: StartLineProcess = startHere,
): Explainer {
  const entered = new Map<number, ContainerId>();
  let hasComplained = false;

  function complain(reason: string): void {
    if (hasComplained) return;
    hasComplained = true;
    logger.warn(`Programs are refused without being told why: ${reason}`);
  }

  function take(line: string): void {
    const [verb = '', inode = '', ...why] = line.split(' ');
    const container = entered.get(Number(inode));
    // Of one that has ended meanwhile nobody needs to know.
    if (verb !== '!' || container === undefined) return;
    logger.warn(
      `Programs in ${plainText(nameOf(container), 100)} are refused without being told why: ${plainText(why.join(' '), 200)}`,
    );
  }

  const program = createLineProgram(begin, take, (reason, isClosed) => {
    // Each network is entered anew at the next look.
    entered.clear();
    if (!isClosed) complain(reason);
  });

  return {
    enter({ container, pid, inode }) {
      if (entered.has(inode)) return;
      const started = program.start();
      if (!started.ok) {
        complain(started.error);
        return;
      }
      entered.set(inode, container);
      program.say(`+ ${pid} ${inode}`);
    },
    leave(inode) {
      if (entered.delete(inode)) program.say(`- ${inode}`);
    },
    close: () => program.close(),
  };
}
