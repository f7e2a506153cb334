import { isAlive } from './container.ts';
import type { Container } from './container.ts';
import { hexadecimal } from './noise.ts';
import { afterRunning } from './run-timer.ts';
import { emitContainerEvent } from './world.ts';
import type { World } from './world.ts';

/**
 * Runs a command in a container for so long, with the three events that Docker emits. `ended` is
 * called when the command ends by itself, not when the container's process ends before it.
 */
export function runExec(
  world: World,
  container: Container,
  command: string,
  lengthMs: number,
  ended?: () => void,
): void {
  if (!isAlive(container)) return;
  const serial = world.time.now() + container.execs.length;
  const id = hexadecimal(container.seed, serial, 64);
  const pid = 5_500_000 + (Number.parseInt(id.slice(0, 5), 16) % 400_000);
  // Docker joins the first word and the rest by a blank, also when there is no rest.
  const shown = command.includes(' ') ? command : `${command} `;
  emitContainerEvent(world, container, `exec_create: ${shown}`, { execID: id });
  emitContainerEvent(world, container, `exec_start: ${shown}`, { execID: id });
  container.execs.push({ id, command, pid });
  afterRunning(world, container, lengthMs, () => {
    container.execs = container.execs.filter((exec) => exec.id !== id);
    emitContainerEvent(world, container, 'exec_die', { execID: id, exitCode: '0' });
    ended?.();
  });
}

/** Runs the health check at its interval while the container lives. */
export function runHealthChecks(world: World, container: Container): void {
  const { healthCheck } = container.plan;
  if (healthCheck === undefined) return;
  container.health = 'starting';
  const check = (): void => {
    runExec(world, container, healthCheck.command, 50, () => {
      if (container.health === 'healthy') return;
      container.health = 'healthy';
      emitContainerEvent(world, container, 'health_status: healthy');
    });
    afterRunning(world, container, healthCheck.intervalSeconds * 1_000, check);
  };
  afterRunning(world, container, healthCheck.intervalSeconds * 1_000, check);
}
