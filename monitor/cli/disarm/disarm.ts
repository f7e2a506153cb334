import {
  isDisarmed,
  type DisarmItem,
  type DisarmList,
  type DisarmReport,
} from '../../rpc/service/service-disarm.ts';
import { createDisposer } from '../../runtime/disposer.ts';
import { exitCodes } from '../command.ts';
import type { DisarmCommand, ExitCode } from '../command.ts';
import type { Context } from '../context.ts';
import { findMonitor } from '../monitors.ts';
import { complain, createOutput, type Output } from '../terminal/output.ts';
import { openDisarm } from './disarm-parts.ts';
import { oneLine } from '../terminal/width.ts';
import { boundLines, doneLine, listedLine } from './disarm-words.ts';
import { monitorsOfOthers, type ForeignMonitor } from './monitors-of-others.ts';
import { findSessionStart, removeSessionStart, sessionStartElsewhere } from './session-start.ts';

/**
 * Takes Sentra's hands off everything: lists it, asks, and then takes away walls, resolvers, gate,
 * helper and what starts Sentra with the session, lets go what the record says is held, names what is
 * not free after all, and reads the networks back. A monitor that runs would put walls up again, so that
 * with one the person is asked to stop it first, or to have it do this by its window.
 */
export async function runDisarm(command: DisarmCommand, context: Context): Promise<ExitCode> {
  const { terminal, surroundings } = context;
  const running = await findMonitor(context, undefined);
  const runs = running.ok || running.error.exitCode !== exitCodes.nobodyWatches;
  if (running.ok) running.value.client.close();
  if (runs) return declineBesideMonitor(terminal);
  const [other] = context.uid === 0 ? monitorsOfOthers(context.uid) : [];
  if (other !== undefined) return declineBesideOther(other, terminal);
  const disposer = createDisposer();
  try {
    const output = createOutput(terminal, () => false);
    const ground = await openDisarm(command, context, disposer, { startsHelper: true });
    const sessionStart = findSessionStart(surroundings);
    // Only looked at until there is a yes: the record stays as it is, and a monitor may begin.
    const list = withItem(await (await ground.toLook()).disarmList(), sessionStart);
    tellList(list, command, output);
    if (list.items.length > 0 && !(await isWanted(command, context))) return exitCodes.failed;
    const service = await ground.toAct();
    if (service === undefined) return declineBesideMonitor(terminal);
    const report = await service.disarm();
    const removed =
      sessionStart === undefined ? [] : [removeSessionStart(surroundings, sessionStart)];
    const whole = { ...report, items: [...report.items, ...removed] };
    tellReport(whole, command, context, output);
    return isDisarmed(whole) ? exitCodes.done : exitCodes.failed;
  } finally {
    await disposer.dispose();
  }
}

function declineBesideMonitor(terminal: Context['terminal']): ExitCode {
  complain(
    terminal,
    'A monitor runs, and would put the walls up again.',
    'Have it done in its window, under Settings; or stop it first: quit Sentra, or end sentra watch.',
  );
  return exitCodes.failed;
}

function declineBesideOther({ pid, uid }: ForeignMonitor, terminal: Context['terminal']): ExitCode {
  complain(
    terminal,
    `A monitor of another person runs (process ${pid} of user ${uid}), and would put the walls up again.`,
    'Have it done in its window, under Settings; or have that person quit Sentra first.',
  );
  return exitCodes.failed;
}

function withItem({ items, unseen }: DisarmList, item: DisarmItem | undefined): DisarmList {
  return { items: item === undefined ? items : [...items, item], unseen };
}

function tellList({ items, unseen }: DisarmList, { isJson }: DisarmCommand, output: Output): void {
  if (isJson) {
    for (const item of items) output.json('held', item);
    return;
  }
  if (items.length > 0) output.line('Sentra has its hands on:');
  else if (unseen.length > 0) output.line('Nothing of Sentra’s is found, as far as can be seen.');
  else output.line('Nothing of Sentra’s is found.');
  for (const item of items) output.line(listedLine(item));
  for (const sentence of unseen) output.line(`Not seen: ${oneLine(sentence, 1000)}`);
}

async function isWanted({ yes }: DisarmCommand, { terminal }: Context): Promise<boolean> {
  if (yes) return true;
  const said = await terminal.ask('Take all of it away, and let go what is held? Type yes: ');
  if (said?.trim() === 'yes') return true;
  complain(terminal, 'Nothing was taken away.', said === undefined ? 'Add --yes.' : '');
  return false;
}

function tellReport(
  report: DisarmReport,
  { isJson }: DisarmCommand,
  { terminal, surroundings, uid }: Context,
  output: Output,
): void {
  for (const item of report.items) {
    if (isJson) output.json('disarmed', item);
    else output.line(doneLine(item));
  }
  for (const bound of report.bound) {
    if (isJson) output.json('bound', bound);
    else for (const line of boundLines(bound)) output.line(line);
  }
  if (report.proof !== undefined) {
    if (isJson) output.json('proof', { proof: report.proof });
    else output.line(report.proof);
  }
  const elsewhere = sessionStartElsewhere(surroundings);
  if (elsewhere !== undefined && !isJson) output.line(elsewhere);
  for (const sentence of report.left) complain(terminal, sentence, '');
  const isLeft = !isDisarmed(report);
  const advice =
    uid === 0 ? 'Run it again.' : 'As root it goes without a helper: run it with sudo.';
  if (isLeft) complain(terminal, 'Not all of it is known to be gone.', advice);
}
