import { parseArgs } from 'node:util';
import { failed, ok, type Result } from '../../runtime/result.ts';
import type { HelperCommand } from '../command.ts';

const flag = { type: 'boolean', default: false } as const;

/** Understands what follows `helper`; throws what parseArgs throws. Undefined asks for help. */
export function parseHelper(
  rest: readonly string[],
): Result<HelperCommand | undefined, { readonly message: string; readonly advice: string }> {
  const { values, positionals } = parseArgs({
    args: [...rest],
    options: {
      engine: { type: 'string' },
      json: flag,
      yes: flag,
      port: flag,
      help: { type: 'boolean', short: 'h', default: false },
    },
    allowPositionals: true,
    strict: true,
  });
  if (values.help) return ok(undefined);
  const [verb, ...more] = positionals;
  const isVerb = verb === 'install' || verb === 'status' || verb === 'remove';
  if (!isVerb || more.length > 0 || ((values.yes || values.port) && verb !== 'install')) {
    return failed({
      message:
        'helper takes one of the words install, status, remove; --yes and --port belong to install.',
      advice: 'For example: sentra helper status',
    });
  }
  const { engine, yes, port, json: isJson } = values;
  return ok({ name: 'helper', verb, engine, yes, byPort: port, isJson });
}
