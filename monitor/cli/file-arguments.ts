import { parseArgs } from 'node:util';
import { failed, ok, type Result } from '../runtime/result.ts';
import type { Command } from './command.ts';

/** A command about a file of the person's, which needs no monitor. */
type FileCommand = Extract<Command, { readonly name: 'policy-check' | 'replay' }>;

const flag = { type: 'boolean', default: false } as const;
const help = { type: 'boolean', short: 'h', default: false } as const;

/** Understands what follows `policy` or `replay`; throws what parseArgs throws. Undefined asks for help. */
export function parseFile(
  name: 'policy' | 'replay',
  rest: readonly string[],
): Result<FileCommand | undefined, { readonly message: string; readonly advice: string }> {
  return name === 'policy' ? parsePolicy(rest) : parseReplay(rest);
}

function parsePolicy(rest: readonly string[]): ReturnType<typeof parseFile> {
  const { values, positionals } = parseArgs({
    args: [...rest],
    options: { help },
    allowPositionals: true,
    strict: true,
  });
  if (values.help) return ok(undefined);
  const [verb, file, ...more] = positionals;
  if (verb !== 'check' || file === undefined || more.length > 0) {
    return failed({
      message: 'policy takes the word check and one file.',
      advice: 'For example: sentra policy check policy.yaml',
    });
  }
  return ok({ name: 'policy-check', file });
}

function parseReplay(rest: readonly string[]): ReturnType<typeof parseFile> {
  const { values, positionals } = parseArgs({
    args: [...rest],
    options: { json: flag, help },
    allowPositionals: true,
    strict: true,
  });
  if (values.help) return ok(undefined);
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) {
    return failed({
      message: 'replay takes one file.',
      advice: 'For example: sentra watch --record day.rec, and then: sentra replay day.rec',
    });
  }
  return ok({ name: 'replay', file, isJson: values.json });
}
