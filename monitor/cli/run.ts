import { assertNever } from '../runtime/assert-never.ts';
import { parseCommand } from './arguments.ts';
import { runAsking } from './ask.ts';
import { exitCodes } from './command.ts';
import type { ExitCode } from './command.ts';
import type { Context } from './context.ts';
import { runDisarm } from './disarm/disarm.ts';
import { runGvisor } from './gvisor/gvisor.ts';
import { runHelper } from './helper/helper.ts';
import { helpText } from './help.ts';
import { complain } from './terminal/output.ts';
import { runPolicyCheck } from './policy-check.ts';
import { version } from './version.ts';
import { runReplay } from './replay.ts';
import { runWatch } from './watch/watch.ts';

/** Runs the command that the words ask for, and resolves to the code the process ends with. */
export async function runCommand(words: readonly string[], context: Context): Promise<ExitCode> {
  const parsed = parseCommand(words);
  if (!parsed.ok) {
    complain(context.terminal, parsed.error.message, parsed.error.advice);
    return exitCodes.usage;
  }
  const command = parsed.value;
  switch (command.name) {
    case 'help':
      context.terminal.write(helpText(command.about));
      return exitCodes.done;
    case 'version':
      context.terminal.write(`sentra ${version}\n`);
      return exitCodes.done;
    case 'policy-check':
      return runPolicyCheck(command.file, context);
    case 'replay':
      return runReplay(command, context);
    case 'watch':
      return runWatch(command, context);
    case 'status':
    case 'findings':
    case 'act':
    case 'egress':
    case 'syscalls':
    case 'processes':
    case 'acknowledge':
    case 'budget':
    case 'retention':
      return runAsking(command, context);
    case 'helper':
      return runHelper(command, context);
    case 'gvisor':
      return runGvisor(command, context);
    case 'disarm':
      return runDisarm(command, context);
    default:
      return assertNever(command);
  }
}
