import { disarmAll, openGates } from '../egress/disarm.ts';
import { exitCodes } from './command.ts';
import type { DisarmCommand, ExitCode } from './command.ts';
import type { Context } from './context.ts';
import { findMonitor } from './monitors.ts';
import { complain, createOutput } from './output.ts';
import { oneLine } from './width.ts';

/**
 * Takes away every wall and resolver that Sentra put up on this machine. A monitor that runs would put
 * them up again, so that with one the person is asked to stop it first.
 */
export async function runDisarm(command: DisarmCommand, context: Context): Promise<ExitCode> {
  const { terminal } = context;
  if (process.platform !== 'linux' || context.uid !== 0) {
    complain(
      terminal,
      'Walls are taken away by root, on the engine’s own Linux host.',
      'Run it with sudo.',
    );
    return exitCodes.failed;
  }
  const running = await findMonitor(context, undefined);
  const runs = running.ok || running.error.exitCode !== exitCodes.nobodyWatches;
  if (running.ok) running.value.client.close();
  if (runs) {
    complain(
      terminal,
      'A monitor runs, and would put the walls up again.',
      'Stop it first, or switch a container off: sentra egress mode CONTAINER off',
    );
    return exitCodes.failed;
  }
  const output = createOutput(terminal, () => false);
  const disarmed = await disarmAll();
  const gates = await openGates();
  for (const failure of gates) complain(terminal, failure, 'A gate is left: run it again.');
  for (const { container, failure } of disarmed) {
    if (command.isJson) output.json('disarmed', { container, failure });
    else {
      const said = failure === undefined ? 'nothing of Sentra’s is left' : oneLine(failure, 400);
      output.line(`${container.slice(0, 12)}: ${said}`);
    }
  }
  if (disarmed.length === 0 && !command.isJson) output.line('There is no wall.');
  const isDone = gates.length === 0 && disarmed.every(({ failure }) => failure === undefined);
  return isDone ? exitCodes.done : exitCodes.failed;
}
