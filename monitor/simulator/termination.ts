import { isAlive } from './container.ts';
import type { Container } from './container.ts';
import { endRun, startContainer, unpauseContainer } from './lifecycle.ts';
import { already, done, errorReply } from './server/reply.ts';
import type { Reply } from './server/reply.ts';
import { afterRunning } from './run-timer.ts';
import { emitContainerEvent } from './world.ts';
import type { World } from './world.ts';

/** How long a process that heeds SIGTERM takes to end. */
const tidyUpMs = 100;

const signals: Readonly<Record<string, number>> = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ABRT: 6,
  KILL: 9,
  USR1: 10,
  USR2: 12,
  TERM: 15,
  CONT: 18,
  STOP: 19,
  WINCH: 28,
};

/** Signals that end a process which has no answer to them of its own. */
const endingSignals: readonly number[] = [1, 2, 3, 6, 15];

/** The number of a signal given as `SIGKILL`, `KILL` or `9`; undefined when there is none. */
export function parseSignal(text: string): number | undefined {
  if (/^\d{1,2}$/.test(text))
    return Number(text) >= 1 && Number(text) <= 64 ? Number(text) : undefined;
  return signals[text.toUpperCase().replace(/^SIG/, '')];
}

/**
 * Sends a signal. SIGKILL takes a paused container too, without thawing it first; any other signal
 * thaws it. Either way the restart policy is held down, as for a container without a stop signal.
 */
export function killContainer(
  world: World,
  container: Container,
  reference: string,
  signalText: string,
): Reply {
  const signal = parseSignal(signalText);
  if (signal === undefined) return errorReply(400, `Invalid signal: ${signalText}`);
  if (container.state.status === 'restarting') {
    container.stoppedByHand = true;
    container.state.appointment.cancel();
    container.state = { status: 'exited' };
    container.incidents = [];
    emitContainerEvent(world, container, 'kill', { signal: String(signal) });
    return done;
  }
  if (!isAlive(container)) {
    const reason = `Container ${container.id} is not running`;
    return errorReply(409, `Cannot kill container: ${reference}: ${reason}`);
  }
  container.stoppedByHand = true;
  sendSignal(world, container, signal);
  return done;
}

function sendSignal(world: World, container: Container, signal: number): void {
  emitContainerEvent(world, container, 'kill', { signal: String(signal) });
  if (signal === 9) {
    endRun(world, container, 137, false);
    return;
  }
  if (container.state.status === 'paused') unpauseContainer(world, container);
  if (endingSignals.includes(signal) && container.plan.onTerminate !== 'ignores') {
    afterRunning(world, container, tidyUpMs, () => endRun(world, container, 128 + signal, false));
  }
}

/**
 * Stops a container: SIGTERM, `graceSeconds` of time (for ever when negative), SIGKILL. A paused one
 * is thawed and runs on until it ends. The answer comes when it has ended.
 */
export function stopContainer(world: World, container: Container, graceSeconds: number): Reply {
  if (container.state.status === 'restarting') {
    container.stoppedByHand = true;
    container.state.appointment.cancel();
    container.state = { status: 'exited' };
    container.incidents = [];
    return done;
  }
  if (!isAlive(container)) return already;
  return {
    kind: 'later',
    wait: (answer) => {
      if (!isAlive(container)) {
        answer(already);
        return;
      }
      const lastResort =
        graceSeconds < 0
          ? undefined
          : world.time.schedule.at(world.time.now() + graceSeconds * 1_000, () =>
              sendSignal(world, container, 9),
            );
      container.stoppedByHand = true;
      container.waiters.push(() => {
        lastResort?.cancel();
        emitContainerEvent(world, container, 'stop');
        answer(done);
      });
      sendSignal(world, container, 15);
    },
  };
}

/** Stops and starts again. */
export function restartContainer(world: World, container: Container, graceSeconds: number): Reply {
  const stopped = stopContainer(world, container, graceSeconds);
  const startAgain = (): Reply => {
    const started = startContainer(world, container);
    if (started === done) emitContainerEvent(world, container, 'restart');
    return started;
  };
  if (stopped.kind !== 'later') return startAgain();
  return { kind: 'later', wait: (answer) => stopped.wait(() => answer(startAgain())) };
}
