import type { EgressDestination, WrittenEgressRule } from '../model/egress.ts';
import type { MonitorClient } from '../rpc/client.ts';
import type { EgressView } from '../rpc/egress-service.ts';
import { assertNever } from '../runtime/assert-never.ts';
import { exitCodes } from './command.ts';
import type { EgressCommand, ExitCode } from './command.ts';
import type { Context } from './context.ts';
import { complain, createOutput } from './output.ts';
import { oneLine } from './width.ts';

/**
 * Asks the monitor about a container's egress, or has it changed. Done means that what stands in the
 * kernel is what was asked for, and for a proof that every attempt came out as it should.
 */
export async function runEgress(
  command: EgressCommand,
  client: MonitorClient,
  context: Context,
): Promise<ExitCode> {
  const { terminal } = context;
  const answer = await client.egress(command.request);
  if (!answer.ok) {
    const isRefusal = 'candidates' in answer.error;
    complain(terminal, answer.error.message, isRefusal ? answer.error.advice : 'Try again.');
    if (!isRefusal) return exitCodes.failed;
    for (const { container, name } of answer.error.candidates) {
      terminal.complain(`  ${container.slice(0, 12)}  ${oneLine(name)}`);
    }
    return exitCodes.failed;
  }
  const view = answer.value;
  const output = createOutput(terminal, () => false);
  if (command.isJson) output.json('egress', { egress: view });
  else for (const line of sentences(view, command)) output.line(line);
  const isWrong = view.probes.some(({ outcome }) => outcome === 'wrong');
  const isAsAsked = command.request.name === 'list' || view.coverage?.sight.state !== 'blind';
  return isWrong || !isAsAsked ? exitCodes.failed : exitCodes.done;
}

function sentences(view: EgressView, { request }: EgressCommand): string[] {
  const name = oneLine(view.name);
  switch (request.name) {
    case 'list':
      return [
        standing(view),
        ...view.rules.map((rule) => `  ${ruleText(rule)}`),
        ...(view.destinations.length === 0 ? [] : ['Seen lately:']),
        ...view.destinations.map((each) => `  ${destinationText(each)}`),
        ...view.names
          .filter(({ refused }) => refused)
          .map((each) => `  the name ${oneLine(each.name)} was refused ${each.count} times`),
      ];
    case 'prove':
      return view.probes.map(({ what, outcome, detail }) => {
        const word = { 'as-it-should': 'good', wrong: 'WRONG', 'not-proved': 'not proved' }[
          outcome
        ];
        return `${word}: ${oneLine(what)}: ${oneLine(detail)}`;
      });
    case 'rule':
      return [`${name}: ${ruleText(request.rule)}`, standing(view)];
    case 'mode':
      return [standing(view)];
    default:
      return assertNever(request);
  }
}

/** The mode, and what is known of the wall. */
function standing({ name, mode, coverage, rules }: EgressView): string {
  const sight = coverage?.sight;
  const reason = sight !== undefined && 'reason' in sight ? `: ${oneLine(sight.reason, 400)}` : '';
  const state = sight === undefined ? '' : `, ${sight.state}${reason}`;
  return `${oneLine(name)}: ${mode}, ${rules.length} rules${state}`;
}

function ruleText({ verdict, target, protocol, port, local }: WrittenEgressRule): string {
  const narrow = [protocol?.toUpperCase(), port === undefined ? undefined : `port ${port}`]
    .filter((each) => each !== undefined)
    .join(' ');
  const kind = local === true ? ' (private addresses too)' : '';
  return `${verdict} ${oneLine(target, 300)}${narrow === '' ? '' : `, ${narrow}`}${kind}`;
}

function destinationText(seen: EgressDestination): string {
  const { address, name, protocol, port, sentBytes, receivedBytes, refusedPackets } = seen;
  const where = name === undefined ? oneLine(address) : `${oneLine(name)} (${oneLine(address)})`;
  const what = `${oneLine(protocol)}${port === undefined ? '' : ` ${port}`}`;
  const refused = refusedPackets > 0 ? `, ${refusedPackets} packets refused` : '';
  return `${where} ${what}: ${sentBytes} B sent, ${receivedBytes} B received${refused}`;
}
