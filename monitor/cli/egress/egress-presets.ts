import { exitCodes } from '../command.ts';
import type { ExitCode } from '../command.ts';
import type { EgressTask } from './egress-task.ts';
import { outputOf, refuse, type EgressDesk } from './egress.ts';
import { profileText, ruleText } from './egress-words.ts';
import { complain } from '../terminal/output.ts';

/** Lists what can be used by name, or shows one of them whole. */
export async function runPresets(
  { show }: Extract<EgressTask, { kind: 'presets' }>,
  desk: EgressDesk,
): Promise<ExitCode> {
  const { client, context, isJson } = desk;
  const answer = await client.egressPresets();
  if (!answer.ok) return refuse(answer.error, context);
  const { presets, profiles } = answer.value;
  const known = new Set(profiles.map(({ name }) => name));
  // A preset that was used is a profile, as the person may have changed it.
  const all = [...profiles, ...presets.filter(({ name }) => !known.has(name))];
  const shown = show === undefined ? all : all.filter(({ name }) => name === show);
  if (shown.length === 0) {
    complain(
      context.terminal,
      `There is no preset or profile ${JSON.stringify(show)}.`,
      'See: sentra egress preset list',
    );
    return exitCodes.failed;
  }
  const output = outputOf(desk);
  for (const each of shown) {
    const kind = known.has(each.name) ? 'profile' : 'preset';
    if (isJson) output.json(kind, { [kind]: each });
    else output.line(`${kind} ${profileText(each)}`);
    if (show === undefined || isJson) continue;
    for (const rule of each.rules) output.line(`  ${ruleText(rule)}`);
  }
  return exitCodes.done;
}
