import { parseArgs } from 'node:util';
import { failed, ok, type Result } from '../runtime/result.ts';
import type { BudgetCommand } from './command.ts';

const options = {
  engine: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/**
 * Understands the words after `budget`; undefined asks for help. Throws what parseArgs throws, for the
 * caller to put into words.
 */
export function parseBudget(
  rest: readonly string[],
): Result<BudgetCommand | undefined, { readonly message: string; readonly advice: string }> {
  const parsed = parseArgs({ args: [...rest], options, allowPositionals: true, strict: true });
  const { values, positionals } = parsed;
  if (values.help) return ok(undefined);
  const [text] = positionals;
  const alarmsPerDay = text === undefined ? undefined : Number(text);
  const isFitting =
    alarmsPerDay === undefined ||
    (/^\d+(?:\.\d+)?$/.test(text ?? '') && alarmsPerDay >= 0.01 && alarmsPerDay <= 100);
  if (!isFitting || positionals.length > 1) {
    return failed({
      message: `budget does not take "${positionals.join(' ')}".`,
      advice: 'Give false alarms of one container and day, 0.01 to 100: sentra budget 0.5',
    });
  }
  return ok({ name: 'budget', alarmsPerDay, engine: values.engine, isJson: values.json });
}
