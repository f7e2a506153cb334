import { assertNever } from '../../runtime/assert-never.ts';
import type { CallError, MonitorClient } from '../../rpc/client.ts';
import type { EgressRequest, EgressSeen, EgressView } from '../../rpc/service/egress-service.ts';
import type { ActRefusal } from '../../rpc/service/service.ts';
import { ok, type Result } from '../../runtime/result.ts';
import { exitCodes } from '../command.ts';
import type { EgressCommand, ExitCode } from '../command.ts';
import type { Context } from '../context.ts';
import { runErase } from './egress-erase.ts';
import { runHeld, runHeldAnswer, runHeldRule } from './egress-held.ts';
import { runExport, runImport, runPreview } from './egress-files.ts';
import { runLockdown } from './egress-lockdown.ts';
import { runLearn } from './egress-learn.ts';
import { runPresets } from './egress-presets.ts';
import {
  destinationText,
  limitLines,
  profileText,
  ruleText,
  seenKindText,
  seenNameText,
  standing,
  usedRuleText,
} from './egress-words.ts';
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
  const seen = await seenLately(request, client);
  if (!seen.ok) return refuse(seen.error, context);
  const past = seen.value;
  const output = outputOf(desk);
  if (isJson) {
    const { names, kinds } = past;
    const refusedNames = names.filter(wasKeptBack);
    output.json('egress', { egress: view, refusedNames, names, refusedKinds: kinds });
  } else for (const line of sentences(view, request, past)) output.line(line);
  const isWrong = view.probes.some(({ outcome }) => outcome === 'wrong');
  const isAsAsked = request.name === 'list' || view.coverage?.sight.state !== 'blind';
  return isWrong || !isAsAsked ? exitCodes.failed : exitCodes.done;
}

/** Names and what has no destination. */
type Past = Pick<EgressSeen, 'names' | 'kinds'>;

/** Those of the past day, by the record: what was seen last may have been something else. */
async function seenLately(
  { name, target }: EgressRequest,
  client: MonitorClient,
): Promise<Result<Past, ActRefusal | CallError>> {
  if (name !== 'list') return ok({ names: [], kinds: [] });
  return client.egressSeen({ target, hours: 24 });
}

const wasKeptBack = ({ refused, held }: Past['names'][number]): boolean => refused + held > 0;

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

const proofWords = {
  'as-it-should': 'good',
  wrong: 'WRONG',
  'not-proved': 'not proved',
  'not-tried': 'cannot be tried here',
} as const;

/** Lines of a list that are about names of one kind. */
const mostNames = 50;

function sentences(view: EgressView, request: EgressRequest, past: Past): string[] {
  const notice = view.notice === undefined ? [] : [oneLine(view.notice, 500)];
  switch (request.name) {
    case 'list':
      return listLines(view, request.target, past);
    case 'prove':
      return view.probes.map(({ what, outcome, detail }) => {
        return `${proofWords[outcome]}: ${oneLine(what)}: ${oneLine(detail)}`;
      });
    case 'rule':
      return [`${oneLine(view.name)}: ${ruleText(request.rule)}`, ...notice, standing(view)];
    default:
      return [...notice, standing(view)];
  }
}

function listLines(view: EgressView, target: string, { names, kinds }: Past): string[] {
  const allow = `sentra egress allow ${oneLine(target)} NAME`;
  return [
    standing(view),
    ...limitLines(view),
    ...view.rules.map((rule, index) => `  ${usedRuleText(rule, view.uses[index])}`),
    ...view.profiles.map((profile) => `  profile ${profileText(profile)}`),
    ...(view.undo === undefined ? [] : [`Undo takes back: ${oneLine(view.undo, 200)}`]),
    ...(view.destinations.length === 0 ? [] : ['Seen lately:']),
    ...view.destinations.map((each) => `  ${destinationText(each)}`),
    ...nameLines(`Refused by name in the past day; ${allow} allows one:`, names, wasKeptBack),
    ...nameLines('Asked by name in the past day:', names, (each) => !wasKeptBack(each)),
    ...(kinds.length === 0 ? [] : ['Refused in the past day, wherever it was to go:']),
    ...kinds.map((each) => `  ${seenKindText(each)}`),
  ];
}

function nameLines(
  title: string,
  names: Past['names'],
  fits: (name: Past['names'][number]) => boolean,
): string[] {
  const all = names.filter(fits);
  return [
    ...(all.length === 0 ? [] : [title]),
    ...all.slice(0, mostNames).map((each) => `  ${seenNameText(each)}`),
    ...(all.length > mostNames ? [`  and ${all.length - mostNames} more`] : []),
  ];
}
