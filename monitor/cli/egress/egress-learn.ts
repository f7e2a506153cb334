import type { EgressProposal } from '../../rpc/service/egress-service.ts';
import { exitCodes } from '../command.ts';
import type { ExitCode } from '../command.ts';
import type { EgressTask, Lines } from './egress-task.ts';
import { outputOf, refuse, runRequest, type EgressDesk } from './egress.ts';
import { ruleText } from './egress-words.ts';
import { complain } from '../terminal/output.ts';
import { oneLine } from '../terminal/width.ts';

/** Shows what rules would have covered the past; puts in those that the person accepts. */
export async function runLearn(
  { target, hours, accept }: Extract<EgressTask, { kind: 'learn' }>,
  desk: EgressDesk,
): Promise<ExitCode> {
  const { client, context, isJson } = desk;
  const answer = await client.egressLearn({ target, hours });
  if (!answer.ok) return refuse(answer.error, context);
  const { proposals, leftOut } = answer.value;
  const output = outputOf(desk);
  if (isJson) output.json('egress-lesson', { lesson: answer.value });
  else {
    for (const [index, each] of proposals.entries()) {
      output.line(`${index + 1}  ${ruleText(each.rule)}`);
      output.line(`     ${oneLine(each.ground, 400)}`);
    }
    for (const each of leftOut) output.line(`Left out: ${oneLine(each, 300)}`);
    if (proposals.length === 0) output.line('Nothing was seen that the list does not cover.');
  }
  if (proposals.length === 0) return exitCodes.done;
  const accepted = await choose(proposals, accept, desk);
  if (accepted === undefined) {
    complain(
      context.terminal,
      'There is no such line.',
      `The lines go from 1 to ${proposals.length}. Nothing was changed.`,
    );
    return exitCodes.failed;
  }
  if (accepted.length === 0) return exitCodes.done;
  const list = await client.egress({ name: 'list', target });
  if (!list.ok) return refuse(list.error, context);
  const { version, profiles, rules } = list.value;
  const request = {
    name: 'save',
    target,
    basedOn: version,
    profiles: profiles.map(({ name }) => name),
    rules: [...rules, ...accepted.map(({ rule }) => rule)],
  } as const;
  return runRequest(request, desk);
}

/** Those of the lines, or those that the person says yes to; undefined when a line is not there. */
async function choose(
  proposals: readonly EgressProposal[],
  accept: Lines | undefined,
  { context, isJson }: EgressDesk,
): Promise<readonly EgressProposal[] | undefined> {
  if (accept === 'all') return proposals;
  if (accept !== undefined) {
    const chosen = [...new Set(accept)].map((line) => proposals[line - 1]);
    return chosen.every((each) => each !== undefined) ? chosen : undefined;
  }
  if (isJson) return [];
  const accepted: EgressProposal[] = [];
  for (const each of proposals) {
    const words = await context.terminal.ask(`${ruleText(each.rule)}? [y/N/q] `);
    // Where nobody can be asked, looking is all.
    if (words === undefined || /^q/i.test(words.trim())) break;
    if (/^y(es)?$/i.test(words.trim())) accepted.push(each);
  }
  return accepted;
}
