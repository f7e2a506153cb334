import type { Action } from '../model/action.ts';
import type { Workload } from '../model/workload.ts';
import { assertNever } from '../runtime/assert-never.ts';
import type { MonitorClient } from '../rpc/client.ts';
import type { FindingWord } from '../rpc/service/service-triage.ts';
import { recordLoss, type ActRefusal } from '../rpc/service/service.ts';
import { resolveTarget } from '../rpc/target.ts';
import { runAcknowledge } from './acknowledge.ts';
import { runBehaviour } from './behaviour/behaviour.ts';
import { claimLines, runBudget } from './budget.ts';
import { createBoard, ownerName } from './watch/board.ts';
import { createPaint } from './terminal/colour.ts';
import { exitCodes } from './command.ts';
import type {
  AcknowledgeCommand,
  BudgetCommand,
  ActCommand,
  BehaviourCommand,
  EgressCommand,
  ExitCode,
  FindingsCommand,
  RetentionCommand,
  StatusCommand,
} from './command.ts';
import type { Context } from './context.ts';
import { tellStanding } from './disarm/standing.ts';
import { runEgress } from './egress/egress.ts';
import { countOf, timeOfDay } from './terminal/figures.ts';
import { frameLines } from './watch/frame.ts';
import { findMonitor } from './monitors.ts';
import { complain, complainUnread, createOutput } from './terminal/output.ts';
import { runRetention } from './retention.ts';
import { actionSentence, findingSentence } from './terminal/sentence.ts';
import { oneLine } from './terminal/width.ts';

/** Columns for a status that no terminal shows. */
const pipedColumns = 120;

const listLimit = 1000;

/** Characters of the answer to an action, which says all that it cannot hold or put back. */
const answerLimit = 20_000;

type Asking =
  | StatusCommand
  | FindingsCommand
  | ActCommand
  | EgressCommand
  | BehaviourCommand
  | AcknowledgeCommand
  | BudgetCommand
  | RetentionCommand;

/** Carries out a command that needs a running monitor. */
export async function runAsking(command: Asking, context: Context): Promise<ExitCode> {
  const found = await findMonitor(context, command.engine);
  if (!found.ok) {
    complain(context.terminal, found.error.message, found.error.advice);
    const isAlone = found.error.exitCode === exitCodes.nobodyWatches;
    if (command.name === 'status' && isAlone) await tellStanding(command, context);
    return found.error.exitCode;
  }
  const { client } = found.value;
  try {
    switch (command.name) {
      case 'status':
        return await showStatus(command, client, context);
      case 'findings':
        return await showFindings(command, client, context);
      case 'syscalls':
      case 'processes':
        return await runBehaviour(command, client, context);
      case 'egress':
        return await runEgress(command, client, context);
      case 'act':
        return await act(command, client, context);
      case 'acknowledge':
        return await runAcknowledge(command, client, context);
      case 'budget':
        return await runBudget(command, client, context);
      case 'retention':
        return await runRetention(command, client, context);
      default:
        return assertNever(command);
    }
  } finally {
    client.close();
  }
}

function noAnswer({ terminal }: Context, message: string): ExitCode {
  complain(terminal, message, 'The monitor may be overloaded or stopping; try again.');
  return exitCodes.failed;
}

async function showStatus(
  command: StatusCommand,
  client: MonitorClient,
  context: Context,
): Promise<ExitCode> {
  const { terminal } = context;
  const recent = 6;
  const [snapshot, alarms, findings, actions] = await Promise.all([
    client.snapshot(),
    client.alarms(),
    // The record has those first that were told last; the frame takes those that began last.
    client.findings({ status: 'open', workload: undefined, limit: listLimit }),
    client.actions({ limit: recent }),
  ]);
  if (!snapshot.ok) return noAnswer(context, snapshot.error.message);
  if (!findings.ok) return noAnswer(context, findings.error.message);
  if (!actions.ok && actions.error.kind !== 'record-failed') {
    return noAnswer(context, actions.error.message);
  }
  const output = createOutput(terminal, () => snapshot.value.simulated);
  if (command.isJson) {
    output.json('snapshot', snapshot.value);
    return exitCodes.done;
  }
  // Each line bears the mark of the simulator already, so the heading does without.
  const unmarked = { ...snapshot.value, simulated: false };
  const board = createBoard(unmarked, findings.value, actions.ok ? actions.value : []);
  const mark = snapshot.value.simulated ? 'SIMULATED '.length : 0;
  const columns = (terminal.isLive ? terminal.size().columns : pipedColumns) - mark;
  const size = { columns, rows: Number.POSITIVE_INFINITY };
  for (const line of frameLines(board, size, createPaint(terminal.isColoured))) {
    output.line(line.trimEnd());
  }
  if (alarms.ok) for (const line of claimLines(alarms.value)) output.line(line);
  if (!actions.ok && actions.error.kind === 'record-failed') {
    complainUnread(terminal, actions.error);
  }
  return exitCodes.done;
}

async function showFindings(
  command: FindingsCommand,
  client: MonitorClient,
  context: Context,
): Promise<ExitCode> {
  const status = command.all ? undefined : 'open';
  // In this order: the snapshot tells whether reading the findings failed.
  const findings = await client.findings({ status, workload: undefined, limit: listLimit });
  const snapshot = await client.snapshot();
  if (!snapshot.ok) return noAnswer(context, snapshot.error.message);
  if (!findings.ok) return noAnswer(context, findings.error.message);
  const output = createOutput(context.terminal, () => snapshot.value.simulated);
  const board = createBoard(snapshot.value, [], []);
  const said = new Map(snapshot.value.triage.words.map(({ finding, says }) => [finding, says]));
  // Those that go on are told again and again: what is newest began last.
  const newest = findings.value.toSorted((left, right) => right.onsetAt - left.onsetAt);
  for (const finding of newest) {
    if (command.isJson) {
      output.json('finding', { finding, says: said.get(finding.id) });
      continue;
    }
    const name = ownerName(board, finding);
    const date = new Date(finding.onsetAt).toLocaleDateString('sv-SE');
    const over = finding.status === 'closed' ? ', over' : '';
    const word = `${finding.severity}${over}${wordSuffix(said.get(finding.id))}`;
    output.line(
      `${date} ${timeOfDay(finding.onsetAt)}  ${word}  ${findingSentence(finding, name)}`,
    );
  }
  const failures = snapshot.value.losses.find(({ what }) => what === recordLoss)?.count ?? 0;
  const mayMiss = command.all && failures > 0;
  if (findings.value.length === 0 && !command.isJson && !mayMiss) {
    output.line(command.all ? 'No findings.' : 'No open findings.');
  }
  if (findings.value.length === listLimit) {
    context.terminal.complain(`Only the newest ${listLimit} are listed.`);
  }
  if (mayMiss) {
    context.terminal.complain(
      `The record failed ${countOf(failures, 'time')} since the monitor started: findings that are over may be missing.`,
    );
  }
  return exitCodes.done;
}

function wordSuffix(says: FindingWord['says'] | undefined): string {
  switch (says) {
    case 'normal':
      return ', acknowledged';
    case 'false-alarm':
      return ', false alarm';
    case undefined:
      return '';
  }
}

async function act(
  command: ActCommand,
  client: MonitorClient,
  context: Context,
): Promise<ExitCode> {
  const { terminal } = context;
  const snapshot = await client.snapshot();
  if (!snapshot.ok) return noAnswer(context, snapshot.error.message);
  const { simulated, workloads } = snapshot.value;
  const output = createOutput(terminal, () => simulated);
  const resolved = resolveTarget(
    workloads.map(({ workload }) => workload),
    command.target,
  );
  if (!resolved.ok && resolved.error.kind === 'ambiguous-target') {
    return refuse(resolved.error, context);
  }
  // What is held but no longer watched is known to the monitor alone, so it has the last word.
  const target = resolved.ok ? resolved.value.container : command.target;
  if (command.action === 'kill' && !command.yes) {
    const isMeant = await confirmKill(resolved.ok ? resolved.value : undefined, command, context);
    if (!isMeant) {
      terminal.complain('Nothing was done.');
      return exitCodes.failed;
    }
  }
  const answer = await client.act({ name: command.action, target });
  if (!answer.ok) {
    return 'candidates' in answer.error
      ? refuse(answer.error, context)
      : noAnswer(context, answer.error.message);
  }
  const action = answer.value;
  const name = resolved.ok ? resolved.value.name : command.target;
  if (command.isJson) output.json('action', { action });
  else output.line(sentenceOf(action, name));
  return action.outcome.state === 'proved' ? exitCodes.done : exitCodes.failed;
}

function sentenceOf(action: Action, name: string): string {
  const sentence = actionSentence(action, name, answerLimit);
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

function refuse(refusal: ActRefusal, { terminal }: Context): ExitCode {
  complain(terminal, refusal.message, refusal.advice);
  for (const { container, name } of refusal.candidates) {
    terminal.complain(`  ${container.slice(0, 12)}  ${oneLine(name)}`);
  }
  return exitCodes.failed;
}

/** Where nobody can be asked, the command itself is the answer. */
async function confirmKill(
  workload: Workload | undefined,
  command: ActCommand,
  { terminal }: Context,
): Promise<boolean> {
  const what =
    workload === undefined
      ? oneLine(command.target)
      : `${oneLine(workload.name)} (${workload.container.slice(0, 12)})`;
  const answer = await terminal.ask(`Kill ${what}? What it has not saved is lost. [y/N] `);
  return answer === undefined || /^y(es)?$/i.test(answer.trim());
}
