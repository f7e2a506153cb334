import type { Finding } from '../model/finding.ts';
import type { MonitorClient } from '../rpc/client.ts';
import { failed, ok, type Result } from '../runtime/result.ts';
import { createBoard, type Board } from './board.ts';
import { exitCodes } from './command.ts';
import type { AcknowledgeCommand, ExitCode } from './command.ts';
import type { Context } from './context.ts';
import { complain, createOutput } from './output.ts';
import { findingSentence } from './sentence.ts';
import { oneLine } from './width.ts';

const listLimit = 1000;

/** Tells the monitor that a finding is held normal or was a false alarm, or takes the first back. */
export async function runAcknowledge(
  { finding: word, undo, isFalse, isJson }: AcknowledgeCommand,
  client: MonitorClient,
  { terminal }: Context,
): Promise<ExitCode> {
  const [snapshot, findings] = await Promise.all([
    client.snapshot(),
    // What told of an episode is over before a person answers.
    client.findings({
      status: isFalse ? undefined : 'open',
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
  const meant = findMeant(findings.value, word, board, isFalse);
  if (!meant.ok) {
    const fitting = meant.error;
    const message =
      fitting.length === 0
        ? `No open finding fits "${word}".`
        : `"${word}" fits ${fitting.length} open findings.`;
    complain(terminal, message, 'Say which you mean, as CONTAINER/KIND or by its id:');
    for (const finding of fitting.length === 0 ? findings.value.slice(0, 10) : fitting) {
      terminal.complain(`  ${handleOf(finding, board)}  ${oneLine(finding.id)}`);
    }
    return exitCodes.failed;
  }
  const finding = meant.value;
  const of = { finding: finding.id };
  const answer = await (isFalse
    ? client.markFalse(of)
    : undo
      ? client.unacknowledge(of)
      : client.acknowledge(of));
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
  output.line(
    isFalse
      ? `Counted as a false alarm: ${sentence}`
      : undo
        ? `No longer acknowledged; what it shows is not learned: ${sentence}`
        : `Acknowledged; what it shows is learned as normal from now on: ${sentence}`,
  );
  return exitCodes.done;
}

/**
 * The one finding that the word means; or those that it fits, none or several. With `latest` the newest of
 * one kind, open or over, is meant.
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
    const name = nameOf(finding, board);
    return word === name || word === `${name}/${finding.kind}`;
  });
  const [first, second] = fitting;
  const isOneKind = fitting.every(({ kind }) => kind === first?.kind);
  if (latest && first !== undefined && isOneKind) return ok(first);
  return first !== undefined && second === undefined ? ok(first) : failed(fitting);
}

/** A container that is gone is still known by its workload. */
function nameOf(finding: Finding, board: Board): string {
  return board.names.get(finding.container) ?? finding.workload;
}

function handleOf(finding: Finding, board: Board): string {
  return oneLine(`${nameOf(finding, board)}/${finding.kind}`);
}
