import { exitCodes, type ExitCode } from '../command.ts';
import { outputOf, refuse, type EgressDesk } from './egress.ts';
import { countOf, timeOfDay } from '../terminal/figures.ts';
import { oneLine } from '../terminal/width.ts';

const from = 'command line';

/**
 * Cuts all containers off, or lets their lists hold again. Done means that a wall stands before each
 * one that runs; those that none could be put up before are named, and then it failed.
 */
export async function runLockdown(verb: 'lockdown' | 'lift', desk: EgressDesk): Promise<ExitCode> {
  const { client, context, isJson } = desk;
  const answer =
    verb === 'lockdown' ? await client.egressLockdown({ from }) : await client.egressLift({ from });
  if (!answer.ok) return refuse(answer.error, context);
  const { lockdown, closed, notClosed, warning } = answer.value;
  const output = outputOf(desk);
  if (isJson) output.json('lockdown', answer.value);
  else if (lockdown === undefined) output.line('Lifted: the list of each container holds again.');
  else {
    const since = timeOfDay(lockdown.since);
    output.line(
      `Locked down since ${since}: ${countOf(closed, 'container')} cut off. Lift it: sentra egress lift`,
    );
    for (const { name, reason } of notClosed) {
      output.line(`NOT CUT OFF: ${oneLine(name)}: ${oneLine(reason, 400)}`);
    }
    if (warning !== undefined) output.line(oneLine(warning, 400));
  }
  return notClosed.length === 0 ? exitCodes.done : exitCodes.failed;
}
