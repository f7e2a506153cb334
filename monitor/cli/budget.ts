import type { MonitorClient } from '../rpc/client.ts';
import type { AlarmsView } from '../rpc/service/service-alarms.ts';
import { exitCodes } from './command.ts';
import type { BudgetCommand, ExitCode } from './command.ts';
import type { Context } from './context.ts';
import { countOf, roughSpan } from './terminal/figures.ts';
import { complain, createOutput } from './terminal/output.ts';
import { oneLine } from './terminal/width.ts';

/** Shows the budget of false alarms and what it comes to, after setting what the command says. */
export async function runBudget(
  { alarmsPerDay, isJson }: BudgetCommand,
  client: MonitorClient,
  { terminal }: Context,
): Promise<ExitCode> {
  const [snapshot, present] = await Promise.all([client.snapshot(), client.alarms()]);
  if (!snapshot.ok) return refuse(snapshot.error.message);
  if (!present.ok) return refuse(present.error.message);
  let view = present.value;
  if (alarmsPerDay !== undefined) {
    const direction = alarmsPerDay < view.alarmsPerDay ? 'lower' : 'raise';
    const set = await client.setAlarmBudget({ alarmsPerDay, direction });
    if (!set.ok) return refuse(set.error.message);
    view = set.value;
  }
  const output = createOutput(terminal, () => snapshot.value.simulated);
  if (isJson) {
    output.json('alarms', { alarms: view });
    return exitCodes.done;
  }
  for (const line of budgetLines(view)) output.line(line);
  return exitCodes.done;

  function refuse(message: string): ExitCode {
    complain(terminal, message, 'The monitor may be overloaded or stopping; try again.');
    return exitCodes.failed;
  }
}

/** The budget, then two lines for each workload: what it comes to, and what may be claimed. */
export function budgetLines({ alarmsPerDay, workloads }: AlarmsView): readonly string[] {
  const head = `At most ${perDay(alarmsPerDay)} of one container that prove false.`;
  return [
    head,
    ...workloads.flatMap((each) => [
      `${oneLine(each.name)}: expected ${figure(each.expectedPerDay)} a day, ` +
        `${actual(each.actualPerDay)}; ${countOf(each.told, 'alarm')}` +
        (each.markedFalse > 0 ? `, ${each.markedFalse} called false` : '') +
        `; judged for ${roughSpan(each.watchedMs)}; told is what comes less than once in ` +
        `${roughSpan(each.onceInMs)}.`,
      `  ${each.claim}`,
    ]),
  ];
}

/** What may be claimed of the workloads by now, for the status: those of which the same is true in one line. */
export function claimLines({ workloads }: AlarmsView): readonly string[] {
  const names = new Map<string, string[]>();
  for (const { name, claim } of workloads) {
    const known = names.get(claim);
    if (known === undefined) names.set(claim, [oneLine(name)]);
    else known.push(oneLine(name));
  }
  return [...names].map(([claim, known]) => {
    const more = known.length > 3 ? ` and ${known.length - 3} more` : '';
    return `${known.slice(0, 3).join(', ')}${more}: ${claim}`;
  });
}

function perDay(alarmsPerDay: number): string {
  return `${alarmsPerDay} ${alarmsPerDay === 1 ? 'alarm' : 'alarms'} a day`;
}

function actual(rate: number | undefined): string {
  return rate === undefined ? 'too new to say what it is' : `so far ${figure(rate)}`;
}

function figure(rate: number): string {
  return Number(rate.toPrecision(2)).toString();
}
