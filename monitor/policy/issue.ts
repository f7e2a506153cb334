import type { z } from 'zod';
import type { DocumentPath } from './document.ts';
import { quoted } from './problem.ts';
import { didYouMean } from './suggestion.ts';

/** What is wrong, and at which key or value. */
export interface ExplainedIssue {
  readonly path: DocumentPath;
  /** Whether the key is at fault and not its value. */
  readonly ofKey: boolean;
  readonly message: string;
}

const patternKeys = ['names', 'images', 'composeProjects', 'labels'];

/** The keys that are known below the last part of a path. */
const knownKeys: Readonly<Record<string, readonly string[]>> = {
  '': ['version', 'mode', 'watch', 'protect', 'limits', 'rules'],
  protect: patternKeys,
  exclude: patternKeys,
  for: [...patternKeys, 'exclude'],
  watch: [...patternKeys, 'exclude'],
  limits: ['actionsPerMinute'],
  rules: ['name', 'mode', 'for', 'when', 'hold', 'do', 'cooldown'],
  stop: ['grace'],
  limit: ['cpus', 'memory', 'pids'],
};

/** What is missing most, and how it is written. */
const examples: Readonly<Record<string, string>> = {
  version: 'version: 1',
  rules: 'rules: and below it a list of rules',
  name: 'name: and what the rule is for',
  when: 'when: and a condition, such as finding.severity >= high',
  do: 'do: [notify]',
};

const shapes: Readonly<Record<string, string>> = {
  object: 'keys with values',
  array: 'a list, such as [a, b]',
  string: 'a text',
  record: 'keys with values',
};

/**
 * A complaint of the schema in words: what is wrong and what to write. The schema has to be asked
 * with `reportInput`.
 */
export function explainIssue(issue: z.core.$ZodIssue): readonly ExplainedIssue[] {
  const { path } = issue;
  if (path.length === 0 && issue.code === 'invalid_type') {
    const message = 'A policy begins with version: 1, and has rules: and a list of rules below.';
    return [{ path, ofKey: false, message }];
  }
  const name = String(path.at(-1) ?? '');
  if (issue.code === 'unrecognized_keys') {
    const parent = path.findLast((part) => typeof part === 'string') ?? '';
    return issue.keys.map((key) => ({
      path: [...path, key],
      ofKey: true,
      message: unknownKey(key, knownKeys[parent] ?? []),
    }));
  }
  if (issue.code === 'invalid_key') {
    return [{ path, ofKey: true, message: 'A label key has at most 256 characters.' }];
  }
  if (issue.input === undefined && examples[name] !== undefined) {
    return [{ path, ofKey: false, message: `"${name}" is missing. Write ${examples[name]}.` }];
  }
  return [{ path, ofKey: false, message: messageFor(issue) }];
}

function unknownKey(key: string, known: readonly string[]): string {
  const hint = didYouMean(key, known) || ` Known here: ${known.join(', ')}.`;
  return `There is no key ${quoted(key)} here.${hint}`;
}

function messageFor(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_value' && issue.values.length > 1) {
    const known = issue.values.map((value) => value?.toString() ?? '');
    const hint = typeof issue.input === 'string' ? didYouMean(issue.input, known) : '';
    return `This is one of ${known.join(', ')}.${hint}`;
  }
  // Messages that the schema gives itself say all; the library's own begin like this.
  if (issue.code === 'invalid_type' && issue.message.startsWith('Invalid input')) {
    return `This wants ${shapes[issue.expected] ?? issue.expected}.`;
  }
  return issue.message;
}
