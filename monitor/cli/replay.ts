import { resolve } from 'node:path';
import type { Finding } from '../model/finding.ts';
import { readRecording } from '../pipeline/recording/recording.ts';
import { replayedDetection, replayEntry } from '../pipeline/recording/replay.ts';
import { exitCodes } from './command.ts';
import type { ExitCode, ReplayCommand } from './command.ts';
import type { Context } from './context.ts';
import { countOf, timeOfDay } from './terminal/figures.ts';
import { complain, createOutput } from './terminal/output.ts';
import { findingSentence } from './terminal/sentence.ts';

/** Has a recording judged again, and prints what is found in it; what ails it is said at the end. */
export async function runReplay(command: ReplayCommand, context: Context): Promise<ExitCode> {
  const { terminal, stopped } = context;
  const read = await readRecording(resolve(context.workingFolder, command.file));
  if (!read.ok) {
    complain(terminal, `${command.file} cannot be replayed: ${read.error}`, '');
    return exitCodes.failed;
  }
  const output = createOutput(terminal, () => false);
  const detection = replayedDetection(read.value.head);
  const containers = new Set<string>();
  const told = new Map<string, string>();
  let lost = 0;
  let isClosed = false;
  let damage: string | undefined;

  function tell(finding: Finding): void {
    if (command.isJson) {
      told.set(finding.id, finding.status);
      output.json('finding', { finding });
      return;
    }
    const word = finding.status === 'closed' ? 'over' : finding.severity;
    if (told.get(finding.id) === word) return;
    told.set(finding.id, word);
    const sentence = findingSentence(finding, finding.workload);
    output.line(`${timeOfDay(finding.at)} finding  ${word}  ${sentence}`);
  }

  for await (const entry of read.value.entries) {
    if (stopped.aborted) return exitCodes.failed;
    if (!entry.ok) {
      damage = entry.error;
      break;
    }
    if (entry.value.kind === 'begin') containers.add(entry.value.container);
    if (entry.value.kind === 'lost') lost += entry.value.entries;
    if (entry.value.kind === 'closed') isClosed = true;
    for (const finding of replayEntry(detection, entry.value)) tell(finding);
  }
  if (command.isJson) {
    const [findings, seen] = [told.size, containers.size];
    output.json('summary', { containers: seen, findings, lost, closed: isClosed, damage });
  } else {
    output.line(
      `Replayed ${countOf(containers.size, 'container')}: ${countOf(told.size, 'finding')}.`,
    );
  }
  if (lost > 0) complain(terminal, `${countOf(lost, 'entry', 'entries')} of it were lost.`, '');
  if (damage === undefined && !isClosed) {
    complain(terminal, 'Its end is missing: Sentra was killed while it recorded.', '');
  }
  if (damage === undefined) return exitCodes.done;
  complain(terminal, `It is damaged, and was replayed up to there: ${damage}`, '');
  return exitCodes.failed;
}
