import { isAlive, pidOf } from './container.ts';
import type { Container } from './container.ts';
import { runHealthChecks } from './exec.ts';
import { incidentRates, isInTheProgram } from './incident.ts';
import { linkDown, linkUp } from './network.ts';
import type { Endpoint } from './network.ts';
import { hash, hexadecimal } from './noise.ts';
import { already, done, errorReply } from './server/reply.ts';
import type { Reply } from './server/reply.ts';
import { restartDelay } from './restart.ts';
import { afterRunning, armTimers, dropTimers, holdTimers } from './run-timer.ts';
import { freshUsage, settleUsage } from './usage.ts';
import { emitContainerEvent } from './world.ts';
import type { World } from './world.ts';

/** Above the highest process id of Linux (2²²): never a process of the machine Sentra runs on. */
const firstPid = 5_000_000;

/** Emits a network's event about a container. */
export function emitNetworkEvent(
  world: World,
  endpoint: Endpoint,
  container: Container,
  action: 'connect' | 'disconnect',
): void {
  const { id, name, driver } = endpoint.network;
  const attributes = { container: container.id, name, type: driver };
  world.events.emit({ type: 'network', action, actor: id, attributes });
}

/** Brings one endpoint of a live container up, and says so. Undefined when it worked. */
export function bringUp(world: World, container: Container, endpoint: Endpoint): Reply | undefined {
  const used = container.endpoints.map((other) => other.link?.interfaceName);
  let number = 0;
  while (used.includes(`eth${number}`)) number += 1;
  const linkId = hexadecimal(container.seed, world.time.now() + number, 64);
  const refusal = linkUp(endpoint, container.id, linkId, `eth${number}`);
  if (refusal === undefined) emitNetworkEvent(world, endpoint, container, 'connect');
  return refusal;
}

/** Takes one endpoint down, and says so. */
export function takeDown(world: World, container: Container, endpoint: Endpoint): void {
  linkDown(endpoint, container.id);
  emitNetworkEvent(world, endpoint, container, 'disconnect');
}

/** Starts a container by a call: the restart policy counts anew. */
export function startContainer(world: World, container: Container): Reply {
  switch (container.state.status) {
    case 'running':
      return already;
    case 'paused':
      return errorReply(409, 'cannot start a paused container, try unpause instead');
    case 'restarting':
      container.state.appointment.cancel();
      break;
    case 'created':
    case 'exited':
      break;
  }
  container.stoppedByHand = false;
  container.restartCount = 0;
  container.restartDelayMs = 0;
  return beginRun(world, container) ?? done;
}

/** Undefined when it runs; otherwise why it does not. */
function beginRun(world: World, container: Container): Reply | undefined {
  const now = world.time.now();
  for (const endpoint of container.endpoints) {
    const refusal = bringUp(world, container, endpoint);
    if (refusal === undefined) continue;
    for (const other of container.endpoints) {
      if (other.link !== undefined) takeDown(world, container, other);
    }
    container.state = { status: 'exited' };
    container.finishedAt = now;
    container.exitCode = 128;
    return refusal;
  }
  const pid = firstPid + (hash(container.seed, now, 3_000) % 400_000);
  container.state = { status: 'running', pid };
  container.startedAt = now;
  container.exitCode = 0;
  container.oomKilled = false;
  container.usage = { ...freshUsage(), runningSince: now };
  for (const incident of container.incidents) incident.startedAtRunMs = 0;
  emitContainerEvent(world, container, 'start');
  runHealthChecks(world, container);
  armRestartLoop(world, container);
  return undefined;
}

/** Lets a container with the restart loop end its own process in a while. */
export function armRestartLoop(world: World, container: Container): void {
  const loop = container.incidents.find((incident) => incident.kind === 'restart-loop');
  if (loop === undefined) return;
  afterRunning(world, container, incidentRates.restartLoop[loop.strength], () => {
    // The incident may have been ended meanwhile.
    if (container.incidents.includes(loop)) endRun(world, container, 1, false);
  });
}

/** The container's process is gone: events, networks, and what the restart policy says. */
export function endRun(
  world: World,
  container: Container,
  exitCode: number,
  oomKilled: boolean,
): void {
  if (!isAlive(container)) return;
  const now = world.time.now();
  settleUsage(container, now, world.settings);
  container.usage.runningSince = undefined;
  dropTimers(container);
  container.execs = [];
  container.finishedAt = now;
  container.exitCode = exitCode;
  container.oomKilled = oomKilled;
  container.state = { status: 'exited' };
  if (oomKilled) emitContainerEvent(world, container, 'oom');
  emitContainerEvent(world, container, 'die', { exitCode: String(exitCode) });
  for (const endpoint of container.endpoints) {
    if (endpoint.link !== undefined) takeDown(world, container, endpoint);
  }
  const delay = restartDelay(container, now);
  container.incidents =
    delay === undefined ? [] : container.incidents.filter(({ kind }) => isInTheProgram(kind));
  if (delay !== undefined) {
    container.restartDelayMs = delay;
    const appointment = world.time.schedule.at(now + delay, () => {
      container.restartCount += 1;
      beginRun(world, container);
    });
    container.state = { status: 'restarting', appointment };
  }
  const { waiters } = container;
  container.waiters = [];
  for (const waiter of waiters) waiter();
}

/** Why a container that must run does not, as Docker says it; undefined when it does. */
export function notRunning(container: Container): Reply | undefined {
  if (container.state.status === 'restarting') {
    const advice = 'is restarting, wait until the container is running';
    return errorReply(409, `Container ${container.id} ${advice}`);
  }
  return isAlive(container)
    ? undefined
    : errorReply(409, `Container ${container.id} is not running`);
}

/** Freezes every process of a container. */
export function pauseContainer(world: World, container: Container): Reply {
  const refusal = notRunning(container);
  if (refusal !== undefined) return refusal;
  if (container.state.status === 'paused') {
    return errorReply(409, `Container ${container.id} is already paused`);
  }
  const now = world.time.now();
  settleUsage(container, now, world.settings);
  container.usage.runBeforeMs = container.usage.bookedMs;
  container.usage.runningSince = undefined;
  container.state = { status: 'paused', pid: pidOf(container) };
  holdTimers(container);
  emitContainerEvent(world, container, 'pause');
  return done;
}

/** Lets a frozen container go on. */
export function unpauseContainer(world: World, container: Container): Reply {
  if (container.state.status !== 'paused') {
    return errorReply(500, `Container ${container.id} is not paused`);
  }
  container.state = { status: 'running', pid: container.state.pid };
  container.usage.runningSince = world.time.now();
  armTimers(world, container);
  emitContainerEvent(world, container, 'unpause');
  return done;
}
