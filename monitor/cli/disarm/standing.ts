import type { DisarmList } from '../../rpc/service/service-disarm.ts';
import { createDisposer } from '../../runtime/disposer.ts';
import type { StatusCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { createOutput } from '../terminal/output.ts';
import { oneLine } from '../terminal/width.ts';
import { openDisarm } from './disarm-parts.ts';
import { listedLine } from './disarm-words.ts';

/**
 * Walls, gates, the helper and who is held, of that engine or the usual one. Takes nothing away and starts
 * nothing: what is not seen without that is said.
 */
export async function listStanding(
  engine: string | undefined,
  context: Context,
): Promise<DisarmList> {
  const disposer = createDisposer();
  try {
    const asked = { engine, stateFolder: undefined };
    const ground = await openDisarm(asked, context, disposer, { startsHelper: false });
    return await (await ground.toLook()).disarmList();
  } finally {
    await disposer.dispose();
  }
}

/** Says what of Sentra's stands although no monitor runs; silent where there is nothing. */
export async function tellStanding(
  { engine, isJson }: StatusCommand,
  context: Context,
): Promise<void> {
  const { items, unseen } = await context.listStanding(engine, context);
  const output = createOutput(context.terminal, () => false);
  if (isJson) {
    for (const item of items) output.json('held', item);
    return;
  }
  if (items.length === 0) return;
  output.line('Sentra has its hands on these all the same:');
  for (const item of items) output.line(listedLine(item));
  for (const sentence of unseen) output.line(`Not seen: ${oneLine(sentence, 1000)}`);
  output.line('A monitor takes all of it up again, and starts resolvers that have ended.');
  output.line('To have it gone: sentra disarm');
}
