import { assertNever } from '../../runtime/assert-never.ts';
import type { CallError, MonitorClient } from '../../rpc/client.ts';
import type { EgressRequest, EgressView } from '../../rpc/service/egress-service.ts';
import type { ActRefusal } from '../../rpc/service/service.ts';
import { exitCodes } from '../command.ts';
import type { EgressCommand, ExitCode } from '../command.ts';
import type { Context } from '../context.ts';
import { runErase } from './egress-erase.ts';
import { runHeld, runHeldAnswer, runHeldRule } from './egress-held.ts';
import { runExport, runImport, runPreview } from './egress-files.ts';
import { runLockdown } from './egress-lockdown.ts';
import { runLearn } from './egress-learn.ts';
import { runPresets } from './egress-presets.ts';
import { destinationText, profileText, ruleText, standing, usedRuleText } from './egress-words.ts';
import { complain, createOutput, type Output } from '../terminal/output.ts';
import { oneLine } from '../terminal/width.ts';

/** What a task about egress works with. */
export interface EgressDesk {
  readonly client: MonitorClient;
  readonly context: Context;
  readonly isJson: boolean;
  /** Whether what is watched is a simulated engine, whose walls are simulated, too. */
  readonly isSimulated: boolean;
}

/** Where what is told goes, marked where the engine is simulated. */
export function outputOf({ context, isSimulated }: EgressDesk): Output {
  return createOutput(context.terminal, () => isSimulated);
}

/**
 * Asks the monitor about a container's egress, or has it changed. Done means that what stands in the
 * kernel is what was asked for, and for a proof that every attempt came out as it should.
 */
export async function runEgress(
  { task, isJson }: EgressCommand,
  client: MonitorClient,
  context: Context,
): Promise<ExitCode> {
  const snapshot = await client.snapshot();
  if (!snapshot.ok) return refuse(snapshot.error, context);
  const desk = { client, context, isJson, isSimulated: snapshot.value.simulated };
  switch (task.kind) {
    case 'ask':
      return runRequest(task.request, desk);
    case 'lockdown':
    case 'lift':
      return runLockdown(task.kind, desk);
    case 'erase':
      return runErase(task, desk);
    case 'held':
      return runHeld(desk);
    case 'held-rule':
      return runHeldRule(task, desk);
    case 'held-answer':
      return runHeldAnswer(task, desk);
    case 'presets':
      return runPresets(task, desk);
    case 'learn':
      return runLearn(task, desk);
    case 'import':
      return runImport(task, desk);
    case 'export':
      return runExport(task, desk);
    case 'preview':
      return runPreview(task, desk);
    default:
      return assertNever(task);
  }
}

/** Sends one request and tells what came of it. */
export async function runRequest(request: EgressRequest, desk: EgressDesk): Promise<ExitCode> {
  const { client, context, isJson } = desk;
  const isChange = request.name !== 'list' && request.name !== 'prove';
  const answer = await client.egress(isChange ? { ...request, from: 'command line' } : request);
  if (!answer.ok) return refuse(answer.error, context);
  const view = answer.value;
  const output = outputOf(desk);
  if (isJson) output.json('egress', { egress: view });
  else for (const line of sentences(view, request)) output.line(line);
  const isWrong = view.probes.some(({ outcome }) => outcome === 'wrong');
  const isAsAsked = request.name === 'list' || view.coverage?.sight.state !== 'blind';
  return isWrong || !isAsAsked ? exitCodes.failed : exitCodes.done;
}

/** Says why there is no answer, with what may have been meant. */
export function refuse(error: ActRefusal | CallError, { terminal }: Context): ExitCode {
  const isRefusal = 'candidates' in error;
  complain(terminal, error.message, isRefusal ? error.advice : 'Try again.');
  if (!isRefusal) return exitCodes.failed;
  for (const { container, name } of error.candidates) {
    terminal.complain(`  ${container.slice(0, 12)}  ${oneLine(name)}`);
  }
  return exitCodes.failed;
}

function sentences(view: EgressView, request: EgressRequest): string[] {
  const notice = view.notice === undefined ? [] : [oneLine(view.notice, 500)];
  switch (request.name) {
    case 'list':
      return listLines(view);
    case 'prove':
      return view.probes.map(({ what, outcome, detail }) => {
        const word = { 'as-it-should': 'good', wrong: 'WRONG', 'not-proved': 'not proved' }[
          outcome
        ];
        return `${word}: ${oneLine(what)}: ${oneLine(detail)}`;
      });
    case 'rule':
      return [`${oneLine(view.name)}: ${ruleText(request.rule)}`, ...notice, standing(view)];
    default:
      return [...notice, standing(view)];
  }
}

function listLines(view: EgressView): string[] {
  return [
    standing(view),
    ...view.rules.map((rule, index) => `  ${usedRuleText(rule, view.uses[index])}`),
    ...view.profiles.map((profile) => `  profile ${profileText(profile)}`),
    ...(view.undo === undefined ? [] : [`Undo takes back: ${oneLine(view.undo, 200)}`]),
    ...(view.destinations.length === 0 ? [] : ['Seen lately:']),
    ...view.destinations.map((each) => `  ${destinationText(each)}`),
    ...view.names
      .filter(({ refused }) => refused)
      .map(({ name, count }) => {
        const often = count === 1 ? 'once' : `${count} times`;
        return `  the name ${oneLine(name)} was refused ${often}`;
      }),
  ];
}
