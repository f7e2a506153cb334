import { Environment } from '@marcbachmann/cel-js';
import { severities } from '../model/finding.ts';
import { matchesGlob } from '../model/glob.ts';
import { findFault } from './condition-check.ts';
import type { ConditionFault } from './condition-check.ts';
import { severityRank, subjectFields } from './condition-subject.ts';
import type { ConditionSubject } from './condition-subject.ts';
import { didYouMean } from './suggestion.ts';

const longestCondition = 2000;

/** A condition in CEL, type-checked, ready to be asked. */
export interface Condition {
  readonly text: string;
  /** Whether it holds; or, as text, why that cannot be told. Never throws, keeps no state. */
  readonly evaluate: (
    subject: ConditionSubject,
  ) =>
    { readonly ok: true; readonly value: boolean } | { readonly ok: false; readonly error: string };
}

/**
 * Parses and type-checks a condition, which must come to true or false. It may compare, combine,
 * calculate and call the functions of condition-check, none of which loops: what an evaluation
 * costs is bounded by its at most 300 parts times the length of the texts it looks at.
 */
export function compileCondition(
  text: string,
):
  | { readonly ok: true; readonly value: Condition }
  | { readonly ok: false; readonly error: ConditionFault } {
  if (text.length > longestCondition) {
    return fault(0, `The condition is longer than ${longestCondition} characters.`);
  }
  let parsed;
  try {
    parsed = environment.parse(text);
  } catch (error) {
    return fault(startOf(error), `The condition cannot be read: ${summaryOf(error)}.`);
  }
  const found = findFault(parsed.ast);
  if (found !== undefined) return { ok: false, error: found };
  const checked = parsed.check();
  if (!checked.valid) {
    return fault(startOf(checked.error), explain(checked.error));
  }
  if (checked.type !== 'bool') {
    return fault(
      0,
      `The condition must come to true or false, this is of type ${checked.type ?? 'unknown'}.`,
    );
  }
  const run = parsed;
  return {
    ok: true,
    value: {
      text,
      evaluate: (subject) => {
        try {
          const value: unknown = run({ ...subject });
          if (typeof value === 'boolean') return { ok: true, value };
          return { ok: false, error: 'it came to neither true nor false' };
        } catch (error) {
          return { ok: false, error: summaryOf(error) };
        }
      },
    },
  };
}

const environment = createEnvironment();

function createEnvironment(): Environment {
  const created = new Environment({
    limits: {
      maxAstNodes: 300,
      maxDepth: 24,
      maxListElements: 64,
      maxMapEntries: 0,
      maxCallArguments: 4,
    },
  });
  created.registerVariable({ name: 'finding', schema: subjectFields.finding });
  created.registerVariable({ name: 'workload', schema: subjectFields.workload });
  for (const severity of severities) {
    created.registerConstant(severity, 'int', BigInt(severityRank(severity)));
  }
  created.registerFunction('string.like(string): bool', (text: string, pattern: string) =>
    matchesGlob(pattern, text),
  );
  return created;
}

function fault(
  offset: number,
  message: string,
): { readonly ok: false; readonly error: ConditionFault } {
  return { ok: false, error: { offset, message } };
}

/** The type checker's complaint in words that say what to write. */
function explain(error: unknown): string {
  const summary = summaryOf(error);
  const unknownField = /^No such key: (\S+)$/.exec(summary)?.[1];
  if (unknownField !== undefined) {
    const fields = [...Object.keys(subjectFields.finding), ...Object.keys(subjectFields.workload)];
    return `There is no field "${unknownField}".${didYouMean(unknownField, fields)}`;
  }
  const unknownName = /^Unknown variable: (\S+)$/.exec(summary)?.[1];
  if (unknownName !== undefined) {
    const hint = didYouMean(unknownName, ['finding', 'workload', ...severities]);
    return `Nothing is called "${unknownName}" here.${hint === '' ? ' Text goes in quotes.' : hint}`;
  }
  const severityHint = /overload: (int [^ ]+ (string|list<string>)|string [^ ]+ int)$/.test(summary)
    ? ' Severities are numbers with names and go without quotes: finding.severity >= high.'
    : '';
  return `The condition does not fit together: ${summary}.${severityHint}`;
}

function summaryOf(error: unknown): string {
  const summary = (error as { summary?: unknown } | undefined)?.summary;
  if (typeof summary === 'string') return summary;
  return error instanceof Error ? error.message : String(error);
}

function startOf(error: unknown): number {
  const start = (error as { range?: { start?: unknown } } | undefined)?.range?.start;
  return typeof start === 'number' ? start : 0;
}
