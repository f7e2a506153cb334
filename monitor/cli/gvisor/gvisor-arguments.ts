import { parseArgs } from 'node:util';
import { failed, ok, type Result } from '../../runtime/result.ts';
import type { GvisorCommand } from '../command.ts';

const flag = { type: 'boolean', default: false } as const;

/** Understands what follows `gvisor`; throws what parseArgs throws. Undefined asks for help. */
export function parseGvisor(
  rest: readonly string[],
): Result<GvisorCommand | undefined, { readonly message: string; readonly advice: string }> {
  const { values, positionals } = parseArgs({
    args: [...rest],
    options: {
      engine: { type: 'string' },
      json: flag,
      help: { type: 'boolean', short: 'h', default: false },
    },
    allowPositionals: true,
    strict: true,
  });
  if (values.help) return ok(undefined);
  const [verb = 'status', ...more] = positionals;
  if ((verb !== 'status' && verb !== 'install' && verb !== 'remove') || more.length > 0) {
    return failed({
      message: 'gvisor takes one of the words install, status, remove, or none.',
      advice: 'For example: sentra gvisor',
    });
  }
  return ok({ name: 'gvisor', verb, engine: values.engine, isJson: values.json });
}
