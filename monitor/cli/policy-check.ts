import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { describePolicy } from '../policy/describe.ts';
import { loadPolicy } from '../policy/load.ts';
import type { PolicyProblem } from '../policy/problem.ts';
import { messageOf } from '../runtime/logger.ts';
import { exitCodes } from './command.ts';
import type { ExitCode } from './command.ts';
import type { Context } from './context.ts';
import { complain } from './terminal/output.ts';
import { oneLine } from './terminal/width.ts';

/** What is larger is no policy, and not read at all. */
const fileLimitBytes = 256 * 1024;

/** Says in words what the file's policy does, or what is wrong with it and where. */
export async function runPolicyCheck(file: string, context: Context): Promise<ExitCode> {
  const { terminal } = context;
  const path = resolve(context.workingFolder, file);
  let text: string;
  try {
    const status = await stat(path);
    if (!status.isFile() || status.size > fileLimitBytes) {
      complain(terminal, `${file} is not a policy file: not a plain file of at most 256 KB.`, '');
      return exitCodes.failed;
    }
    text = await readFile(path, 'utf8');
  } catch (error) {
    complain(terminal, `${file} cannot be read: ${messageOf(error)}`, '');
    return exitCodes.failed;
  }
  const line = (problem: PolicyProblem, word: string): string =>
    `${oneLine(file)}:${problem.line}:${problem.column}: ${word}${oneLine(problem.message, 1000)}\n`;
  const loaded = loadPolicy(text);
  if (!loaded.ok) {
    for (const problem of loaded.error) terminal.write(line(problem, ''));
    return exitCodes.failed;
  }
  for (const warning of loaded.value.warnings) terminal.write(line(warning, 'warning: '));
  for (const sentence of describePolicy(loaded.value.policy)) {
    terminal.write(`${oneLine(sentence, 4000)}\n`);
  }
  return exitCodes.done;
}
