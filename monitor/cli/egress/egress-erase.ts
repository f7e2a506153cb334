import { exitCodes, type ExitCode } from '../command.ts';
import type { EgressTask } from './egress-task.ts';
import { outputOf, refuse, type EgressDesk } from './egress.ts';
import { countOf } from '../terminal/figures.ts';
import { complain } from '../terminal/output.ts';
import { oneLine } from '../terminal/width.ts';

/** Erases the record of where containers talked to, once the person has said that it is meant. */
export async function runErase(
  { target, yes }: Extract<EgressTask, { kind: 'erase' }>,
  desk: EgressDesk,
): Promise<ExitCode> {
  const { client, context, isJson } = desk;
  const { terminal } = context;
  if (!yes) {
    const whose = target === undefined ? 'all containers' : oneLine(target, 200);
    const said = await terminal.ask(
      `Erase the record of where ${whose} talked to? It cannot be had back. [y/N] `,
    );
    if (said === undefined || !/^y(es)?$/i.test(said.trim())) {
      complain(terminal, 'Nothing was erased.', said === undefined ? 'Add --yes.' : '');
      return exitCodes.failed;
    }
  }
  const answer = await client.egressErase({ target });
  if (!answer.ok) return refuse(answer.error, context);
  const { rows } = answer.value;
  const output = outputOf(desk);
  if (isJson) output.json('egress-erased', { rows });
  else output.line(`${countOf(rows, 'row')} erased, out of the file as well.`);
  return exitCodes.done;
}
