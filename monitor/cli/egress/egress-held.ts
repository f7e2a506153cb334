import type { HeldQuestion } from '../../model/held.ts';
import type { HeldReport } from '../../rpc/service/service-held.ts';
import { systemClock } from '../../runtime/clock.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';
import { exitCodes, type ExitCode } from '../command.ts';
import type { EgressTask } from './egress-task.ts';
import { outputOf, refuse, type EgressDesk } from './egress.ts';
import { ruleText } from './egress-words.ts';
import { countOf } from '../terminal/figures.ts';
import { isAsSeen, offersOf, questionLines, shownId, whereTo } from './held-words.ts';
import { complain } from '../terminal/output.ts';
import { oneLine } from '../terminal/width.ts';

const from = 'command line';
const advice = 'See what is held now with: sentra egress held';

/** Lists what is held, or was and nobody has decided for good. */
export async function runHeld(desk: EgressDesk): Promise<ExitCode> {
  const { client, context, isJson } = desk;
  const answer = await client.egressHeld();
  if (!answer.ok) return refuse(answer.error, context);
  const output = outputOf(desk);
  if (isJson) {
    output.json('egress-held', { held: answer.value });
    return exitCodes.done;
  }
  const { questions, notice } = answer.value;
  const now = systemClock.now();
  for (const line of questions.flatMap((each) => questionLines(each, now))) output.line(line);
  if (notice !== undefined) output.line(oneLine(notice, 500));
  output.line(
    questions.length === 0
      ? 'Nothing is held. Connections that no rule decides about are, in the mode ask: sentra egress mode CONTAINER ask'
      : 'Answer with: sentra egress held ID allow|deny [N], refuse or defer',
  );
  return exitCodes.done;
}

/** Has an offered rule decide about what is held; done means that the wall follows it. */
export async function runHeldRule(
  { id, verdict, number, wish }: Extract<EgressTask, { kind: 'held-rule' }>,
  desk: EgressDesk,
): Promise<ExitCode> {
  const { client, context } = desk;
  const question = await find(id, desk);
  if (!question.ok) return question.error;
  if (!isAsSeen(question.value, id)) {
    complain(
      context.terminal,
      `It asks for something else than ${id} stood for: ${whereTo(question.value)}.`,
      `Look at what is offered now with: sentra egress held; its ID is ${shownId(question.value)}.`,
    );
    return exitCodes.failed;
  }
  const offers = offersOf(question.value, verdict);
  const offer = offers[number - 1];
  if (offer === undefined) {
    complain(
      context.terminal,
      `There is no rule ${number} to ${verdict} it: ${countOf(offers.length, 'is', 'are')} offered.`,
      advice,
    );
    return exitCodes.failed;
  }
  const { target, protocol, port, local } = offer.rule;
  const rule = { target, protocol, port, local, ...wish };
  const ruling = { id: question.value.id, rule, from } as const;
  const answer =
    verdict === 'allow'
      ? await client.egressHeldAllow(ruling)
      : await client.egressHeldDeny(ruling);
  if (!answer.ok) return refuse(answer.error, context);
  const words = `${oneLine(question.value.containerName)}: ${ruleText({ ...rule, verdict })}`;
  return tell(words, answer.value, desk);
}

/** Refuses what is held without a rule. */
export async function runHeldAnswer(
  { id, answer: how }: Extract<EgressTask, { kind: 'held-answer' }>,
  desk: EgressDesk,
): Promise<ExitCode> {
  const { client, context } = desk;
  const question = await find(id, desk);
  if (!question.ok) return question.error;
  const choice = { id: question.value.id, from } as const;
  const answer =
    how === 'refuse' ? await client.egressHeldRefuse(choice) : await client.egressHeldDefer(choice);
  if (!answer.ok) return refuse(answer.error, context);
  const what = `${oneLine(question.value.containerName)}: ${whereTo(question.value)}`;
  const words =
    how === 'refuse'
      ? 'refused once; it may ask again in a minute'
      : 'put off: refused, and not asked again until somebody answers';
  return tell(`${what}: ${words}`, answer.value, desk);
}

function tell(words: string, report: HeldReport, desk: EgressDesk): ExitCode {
  const output = outputOf(desk);
  if (desk.isJson) output.json('egress-held', { held: report });
  else {
    output.line(words);
    if (report.notice !== undefined) output.line(oneLine(report.notice, 500));
  }
  return exitCodes.done;
}

/** The one whose id begins so; complains where there is none, or are several. */
async function find(
  typed: string,
  { client, context }: EgressDesk,
): Promise<Result<HeldQuestion, ExitCode>> {
  const answer = await client.egressHeld();
  if (!answer.ok) return failed(refuse(answer.error, context));
  const [beginning = ''] = typed.split('-');
  const [first, ...others] = answer.value.questions.filter(({ id }) => id.startsWith(beginning));
  if (first !== undefined && others.length === 0) return ok(first);
  if (first === undefined) {
    complain(context.terminal, `Nothing is held whose ID begins with ${beginning}.`, advice);
    return failed(exitCodes.failed);
  }
  complain(context.terminal, `Several IDs begin with ${beginning}:`, 'Type more of it.');
  for (const each of [first, ...others]) {
    context.terminal.complain(`  ${each.id}  ${oneLine(each.containerName)}: ${whereTo(each)}`);
  }
  return failed(exitCodes.failed);
}
