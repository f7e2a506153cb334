import type { Finding } from '../model/finding.ts';
import type { ContainerId } from '../model/workload.ts';
import type { MonitorClient } from '../rpc/client.ts';
import type { FindingWord, TriageView } from '../rpc/service/service-triage.ts';
import { resolveTarget } from '../rpc/target.ts';
import { failed, ok, type Result } from '../runtime/result.ts';
import { createBoard, type Board } from './watch/board.ts';
import { exitCodes } from './command.ts';
import type { AcknowledgeCommand, ExitCode } from './command.ts';
import type { Context } from './context.ts';
import { complain, createOutput } from './terminal/output.ts';
import { findingSentence } from './terminal/sentence.ts';
import { oneLine } from './terminal/width.ts';

const listLimit = 1000;

type Says = FindingWord['says'];

/** Tells the monitor that a finding is held normal or was a false alarm, or takes back what was said. */
export async function runAcknowledge(
  { finding: word, undo, isFalse, isJson }: AcknowledgeCommand,
  client: MonitorClient,
  { terminal }: Context,
): Promise<ExitCode> {
  const [snapshot, findings] = await Promise.all([
    client.snapshot(),
    // What told of an episode is over before a person answers; a false alarm stays one.
    client.findings({
      status: isFalse || undo ? undefined : 'open',
      workload: undefined,
      limit: listLimit,
    }),
  ]);
  if (!snapshot.ok || !findings.ok) {
    const message = [snapshot, findings].flatMap((answer) =>
      answer.ok ? [] : [answer.error.message],
    );
    complain(terminal, message[0] ?? '', 'The monitor may be overloaded or stopping; try again.');
    return exitCodes.failed;
  }
  const board = createBoard(snapshot.value, [], []);
  const said = new Map(snapshot.value.triage.words.map(({ finding, says }) => [finding, says]));
  const listed = undo
    ? findings.value.filter(({ id, status }) => status === 'open' || said.has(id))
    : findings.value;
  const open = findMeant(listed, word, board, isFalse);
  const isLateAsked = !open.ok && open.error.length === 0 && !isFalse && !undo;
  const late = isLateAsked ? await lateUpload(word, client, board) : undefined;
  const meant = late === undefined ? open : ok(late);
  if (!meant.ok) {
    const fitting = meant.error;
    const meanable = fitting.length === 0 ? listed.slice(0, 10) : fitting;
    const advice =
      meanable.length === 0
        ? 'None is open. Those that are over: sentra findings --all'
        : 'Say which you mean, as CONTAINER/KIND or by its id:';
    complain(terminal, unclear(word, fitting.length), advice);
    for (const finding of meanable) {
      terminal.complain(`  ${handleOf(finding, board)}  ${oneLine(finding.id)}`);
    }
    return exitCodes.failed;
  }
  const finding = meant.value;
  const of = { finding: finding.id };
  const before = said.get(finding.id);
  const answer = await (isFalse
    ? client.markFalse(of)
    : !undo
      ? client.acknowledge(of)
      : before === 'false-alarm'
        ? client.unmarkFalse(of)
        : client.unacknowledge(of));
  if (!answer.ok) {
    complain(terminal, answer.error.message, 'advice' in answer.error ? answer.error.advice : '');
    return exitCodes.failed;
  }
  const output = createOutput(terminal, () => snapshot.value.simulated);
  if (isJson) {
    output.json('triage', { finding: finding.id, triage: answer.value });
    return exitCodes.done;
  }
  const sentence = findingSentence(finding, nameOf(finding, board));
  const now = saidOf(answer.value, finding);
  const words = late === undefined || now !== undefined ? outcome(before, now) : learnedAtOnce;
  output.line(`${words}: ${sentence}`);
  return exitCodes.done;
}

const learnedAtOnce = 'Acknowledged; what it showed is learned as normal';

/** The latest upload that is over and fits: such a one may be acknowledged all the same. */
async function lateUpload(
  word: string,
  client: MonitorClient,
  board: Board,
): Promise<Finding | undefined> {
  const over = { status: 'closed', workload: undefined, limit: listLimit } as const;
  const findings = await client.findings(over);
  if (!findings.ok) return undefined;
  const uploads = findings.value.filter(({ kind }) => kind === 'sustained-upload');
  const meant = findMeant(uploads, word, board, true);
  return meant.ok ? meant.value : undefined;
}

function unclear(word: string, fitting: number): string {
  if (fitting === 0) return `No open finding fits "${word}".`;
  return fitting === 1
    ? `"${word}" fits several containers.`
    : `"${word}" fits ${fitting} open findings.`;
}

function saidOf({ words }: TriageView, { id }: Finding): Says | undefined {
  return words.find((each) => each.finding === id)?.says;
}

/** How it stands now. One that did not draw on the budget is acknowledged where it was called false. */
function outcome(before: Says | undefined, now: Says | undefined): string {
  switch (now) {
    case 'false-alarm':
      return 'Counted as a false alarm';
    case 'normal':
      return 'Acknowledged; what it shows is learned as normal from now on';
    case undefined:
      return before === 'false-alarm'
        ? 'Not counted as a false alarm any more; what it shows is not learned'
        : 'No longer acknowledged; what it shows is not learned';
  }
}

/**
 * The one finding that the word means; or those that it fits: none, several, or one where the word fits
 * other containers too. With `latest` the newest of one kind, open or over, is meant.
 */
function findMeant(
  findings: readonly Finding[],
  word: string,
  board: Board,
  latest: boolean,
): Result<Finding, readonly Finding[]> {
  const exact = findings.find(({ id }) => id === word);
  if (exact !== undefined) return ok(exact);
  const fitting = findings.filter((finding) => {
    const isGone = !board.workloads.has(finding.container);
    return ownersIn(word, finding).some(
      (text) =>
        containersOf(text, board).has(finding.container) || (isGone && text === finding.workload),
    );
  });
  const [first, second] = fitting;
  // As with actions: a container must not draw upon itself, by the name it bears, what is meant for another.
  const owners = first === undefined ? [] : ownersIn(word, first);
  if (owners.some((text) => containersOf(text, board).size > 1)) return failed(fitting);
  const isOneKind = fitting.every(({ kind }) => kind === first?.kind);
  if (latest && first !== undefined && isOneKind) return ok(first);
  return first !== undefined && second === undefined ? ok(first) : failed(fitting);
}

/** What in the word may stand for the finding's container: all of it, and what is before the kind. */
function ownersIn(word: string, { kind }: Finding): readonly string[] {
  const end = `/${kind}`;
  return word.endsWith(end) ? [word, word.slice(0, -end.length)] : [word];
}

/** The watched containers that the text fits, as it does for an action. */
function containersOf(text: string, board: Board): ReadonlySet<ContainerId> {
  const workloads = [...board.workloads.values()].map(({ workload }) => workload);
  const target = resolveTarget(workloads, text);
  if (target.ok) return new Set([target.value.container]);
  const { kind, candidates } = target.error;
  return new Set(kind === 'ambiguous-target' ? candidates.map(({ container }) => container) : []);
}

/** A container that is gone is still known by its workload. */
function nameOf(finding: Finding, board: Board): string {
  return board.names.get(finding.container) ?? finding.workload;
}

function handleOf(finding: Finding, board: Board): string {
  return oneLine(`${nameOf(finding, board)}/${finding.kind}`);
}
