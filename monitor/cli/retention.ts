import type { MonitorClient } from '../rpc/client.ts';
import type { RetentionView } from '../rpc/service/service-settings.ts';
import { exitCodes } from './command.ts';
import type { ExitCode, RetentionCommand } from './command.ts';
import type { Context } from './context.ts';
import { countOf } from './terminal/figures.ts';
import { complain, createOutput } from './terminal/output.ts';
import { oneLine } from './terminal/width.ts';

/** Shows how long and how much is kept, after setting what the command says. */
export async function runRetention(
  { days, megabytes, isJson }: RetentionCommand,
  client: MonitorClient,
  { terminal }: Context,
): Promise<ExitCode> {
  const [snapshot, present] = await Promise.all([client.snapshot(), client.settings()]);
  if (!snapshot.ok) return refuse(snapshot.error.message);
  if (!present.ok) return refuse(present.error.message);
  let settings = present.value;
  if (days !== undefined || megabytes !== undefined) {
    const { retention } = settings;
    const wanted: RetentionView = {
      days: days ?? retention.days,
      megabytes: megabytes ?? retention.megabytes,
    };
    const set = await client.setRetention(wanted);
    if (!set.ok) return refuse(set.error.message);
    settings = set.value;
  }
  const output = createOutput(terminal, () => snapshot.value.simulated);
  const { retention, record } = settings;
  if (isJson) {
    output.json('retention', { retention, record });
    return exitCodes.done;
  }
  output.line(
    `Keeps what happened for ${countOf(retention.days, 'day')}, in at most ${retention.megabytes} MB.`,
  );
  output.line(`The record has ${record.megabytes.toFixed(1)} MB: ${oneLine(record.path, 400)}`);
  return exitCodes.done;

  function refuse(message: string): ExitCode {
    complain(terminal, message, 'The monitor may be overloaded or stopping; try again.');
    return exitCodes.failed;
  }
}
