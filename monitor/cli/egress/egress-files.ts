import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { longestDocument, readListDocument } from '../../egress/list/list-document.ts';
import { subjectKey } from '../../egress/list/rule.ts';
import type { WrittenEgressRule } from '../../model/egress.ts';
import { messageOf } from '../../runtime/logger.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';
import { exitCodes } from '../command.ts';
import type { ExitCode } from '../command.ts';
import type { EgressTask } from './egress-task.ts';
import { outputOf, refuse, runRequest, type EgressDesk } from './egress.ts';
import { destinationText, ruleText, seenNameText } from './egress-words.ts';
import { countOf } from '../terminal/figures.ts';
import { complain } from '../terminal/output.ts';

/** Puts a file in place of a list: all of it, or nothing. */
export async function runImport(
  { target, file }: Extract<EgressTask, { kind: 'import' }>,
  desk: EgressDesk,
): Promise<ExitCode> {
  const text = readText(file, desk);
  if (!text.ok) return unread(text.error, desk);
  return runRequest({ name: 'import', target, text: text.value }, desk);
}

/** Writes a list to a file, or to the standard output. */
export async function runExport(
  { target, file }: Extract<EgressTask, { kind: 'export' }>,
  desk: EgressDesk,
): Promise<ExitCode> {
  const { client, context, isJson } = desk;
  const answer = await client.egressExport({ target });
  if (!answer.ok) return refuse(answer.error, context);
  const { text } = answer.value;
  if (file === undefined) {
    if (isJson) outputOf(desk).json('egress-export', { text });
    else context.terminal.write(text);
    return exitCodes.done;
  }
  try {
    writeFileSync(resolve(context.workingFolder, file), text, { mode: 0o600 });
  } catch (error) {
    complain(
      context.terminal,
      `The list was not written: ${messageOf(error)}`,
      'Name another file.',
    );
    return exitCodes.failed;
  }
  return exitCodes.done;
}

/** Says what a list would have refused in the past day. */
export async function runPreview(
  { target, file }: Extract<EgressTask, { kind: 'preview' }>,
  desk: EgressDesk,
): Promise<ExitCode> {
  const { client, context, isJson } = desk;
  const list = await draftOf(target, file, desk);
  if (!list.ok) return list.error;
  const answer = await client.egressCheck({ target, ...list.value });
  if (!answer.ok) return refuse(answer.error, context);
  const { problems, remarks, preview } = answer.value;
  const output = outputOf(desk);
  if (isJson) output.json('egress-preview', { check: answer.value });
  for (const { index, message } of remarks) {
    const rule = list.value.rules[index];
    if (rule !== undefined) context.terminal.complain(`${ruleText(rule)}: ${message}`);
  }
  if (preview === undefined) {
    for (const { index, message } of problems) {
      const rule = index === undefined ? undefined : list.value.rules[index];
      const where = rule === undefined ? '' : `${ruleText(rule)}: `;
      context.terminal.complain(`${where}${message}`);
    }
    return exitCodes.failed;
  }
  if (isJson) return exitCodes.done;
  output.line(
    `In the mode enforce this list would have refused ${preview.wouldRefuseCount} of ${countOf(preview.destinations, 'destination')} of the past day.`,
  );
  for (const each of preview.wouldRefuse) output.line(`  ${destinationText(each)}`);
  if (preview.unnamed > 0) {
    const [have, them] = preview.unnamed === 1 ? ['has', 'it'] : ['have', 'them'];
    output.line(
      `${preview.unnamed} of them ${have} no known name: a rule by name may fit ${them} yet.`,
    );
  }
  if (preview.wouldAllowCount > 0) {
    const were = preview.wouldAllowCount === 1 ? 'was' : 'were';
    output.line(`${preview.wouldAllowCount} that ${were} refused would have been let through.`);
  }
  const { stillRefused, stillRefusedCount: still } = preview;
  if (still > 0) {
    output.line(`${still} ${still === 1 ? 'name' : 'names'} would have been refused again:`);
  }
  for (const each of stillRefused) output.line(`  ${seenNameText(each)}`);
  return exitCodes.done;
}

interface Draft {
  readonly profiles: readonly string[];
  readonly rules: readonly WrittenEgressRule[];
}

async function draftOf(
  target: string,
  file: string | undefined,
  desk: EgressDesk,
): Promise<Result<Draft, ExitCode>> {
  if (file === undefined) {
    const list = await desk.client.egress({ name: 'list', target });
    if (!list.ok) return failed(refuse(list.error, desk.context));
    const { profiles, rules } = list.value;
    return ok({ profiles: profiles.map(({ name }) => name), rules });
  }
  const text = readText(file, desk);
  if (!text.ok) return failed(unread(text.error, desk));
  const read = readListDocument(text.value);
  if (!read.ok) {
    for (const { line, message } of read.error) {
      desk.context.terminal.complain(`${file}${line === undefined ? '' : `:${line}`}: ${message}`);
    }
    return failed(exitCodes.failed);
  }
  // What the file brings with it the monitor does not know yet, so it is written out.
  const { profiles, use, rules } = read.value;
  const own = new Set(rules.map(subjectKey));
  const brought = profiles.filter(({ name }) => use.includes(name));
  const more = new Map(
    brought.flatMap((profile) => profile.rules.map((rule) => [subjectKey(rule), rule] as const)),
  );
  const shared = [...more].flatMap(([key, rule]) => (own.has(key) ? [] : [rule]));
  const known = use.filter((name) => !brought.some((profile) => profile.name === name));
  return ok({ profiles: known, rules: [...rules, ...shared] });
}

function readText(file: string, { context }: EgressDesk): Result<string, string> {
  try {
    const text = readFileSync(file === '-' ? 0 : resolve(context.workingFolder, file), 'utf8');
    return text.length > longestDocument ? failed('It is longer than 3 MB.') : ok(text);
  } catch (error) {
    return failed(messageOf(error));
  }
}

function unread(reason: string, { context }: EgressDesk): ExitCode {
  complain(context.terminal, `The file was not read: ${reason}`, 'Nothing was changed.');
  return exitCodes.failed;
}
