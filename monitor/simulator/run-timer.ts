import type { Container, RunTimer } from './container.ts';
import { runMs } from './usage.ts';
import type { World } from './world.ts';

/** Runs something after `delayMs` of the container's running time; forgotten when its process ends. */
export function afterRunning(
  world: World,
  container: Container,
  delayMs: number,
  run: () => void,
): void {
  const dueAtRunMs = runMs(container.usage, world.time.now()) + delayMs;
  const timer: RunTimer = { dueAtRunMs, run, appointment: undefined };
  container.timers.push(timer);
  if (container.state.status === 'running') arm(world, container, timer);
}

/** Lets the container's timers go on after a pause. */
export function armTimers(world: World, container: Container): void {
  for (const timer of container.timers) arm(world, container, timer);
}

/** Stops the container's timers for the length of a pause. */
export function holdTimers(container: Container): void {
  for (const timer of container.timers) timer.appointment?.cancel();
}

/** Forgets the container's timers. */
export function dropTimers(container: Container): void {
  holdTimers(container);
  container.timers = [];
}

function arm(world: World, container: Container, timer: RunTimer): void {
  const now = world.time.now();
  const wait = Math.max(0, timer.dueAtRunMs - runMs(container.usage, now));
  timer.appointment = world.time.schedule.at(now + wait, () => {
    container.timers = container.timers.filter((other) => other !== timer);
    timer.run();
  });
}
