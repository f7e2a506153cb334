import { LineCounter, parseDocument, stringify } from 'yaml';
import { z } from 'zod';
import type { WrittenEgressProfile, WrittenEgressRule } from '../model/egress.ts';
import { failed, ok, type Result } from '../runtime/result.ts';
import { profileName, writtenProfileSchema } from './book-text.ts';
import { writtenRuleSchema, writeRule } from './rule.ts';
import { mostProfiles, mostRules, type RuleBook, type WorkloadRules } from './rule-book.ts';

/** A list as a file of its own, with the profiles that it uses. */
export interface ListDocument {
  readonly profiles: readonly WrittenEgressProfile[];
  readonly use: readonly string[];
  readonly rules: readonly WrittenEgressRule[];
}

/** Something wrong in a file: the line counts from 1. */
export interface DocumentProblem {
  readonly line: number | undefined;
  readonly message: string;
}

/** A list that was read, and where its rules stand. */
export interface ReadDocument extends ListDocument {
  /** The line of rule `index` of `rules`; of one of a profile's rules with the profile's index. */
  lineOf(index: number, profile?: number): number | undefined;
}

/** Of the text, in UTF-16 units. */
export const longestDocument = 3 * 1024 * 1024;

const schema = z.strictObject({
  'sentra-egress': z.literal(1),
  profiles: z.array(writtenProfileSchema).max(mostProfiles).default([]),
  use: z.array(profileName).max(mostProfiles).default([]),
  rules: z.array(writtenRuleSchema).max(mostRules).default([]),
});

/** The list as YAML; what is read from it again is the same. */
export function writeDocument(book: RuleBook, list: WorkloadRules): string {
  const profiles = list.profiles.flatMap((name) => {
    const profile = book.profiles.get(name);
    if (profile === undefined) return [];
    const { note, rules } = profile;
    return [{ name, ...(note === undefined ? {} : { note }), rules: rules.map(writeRule) }];
  });
  const rules = list.rules.map(writeRule);
  return stringify({ 'sentra-egress': 1, profiles, use: list.profiles, rules }, { lineWidth: 0 });
}

/** Reads YAML or JSON; the failure is everything that is wrong with its form, at least one thing. */
export function readListDocument(text: string): Result<ReadDocument, readonly DocumentProblem[]> {
  const complain = (message: string, line?: number) => failed([{ line, message }]);
  if (text.length > longestDocument) return complain('The file is longer than 3 MB.');
  const lines = new LineCounter();
  let document;
  let value: unknown;
  try {
    document = parseDocument(text, {
      version: '1.2',
      schema: 'core',
      merge: false,
      prettyErrors: false,
      logLevel: 'error',
      lineCounter: lines,
    });
    const faults = [...document.errors, ...document.warnings];
    if (faults.length > 0) {
      return failed(
        faults.slice(0, 20).map(({ pos, message }) => ({
          line: lines.linePos(pos[0]).line,
          message: `This is not valid YAML: ${message}.`,
        })),
      );
    }
    // Without aliases, so that a short text cannot stand for a giant.
    value = document.toJS({ maxAliasCount: 0 });
  } catch (error) {
    return complain(
      `This cannot be read as YAML: ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
  const { contents } = document;
  const lineAt = (path: readonly PropertyKey[]): number | undefined => {
    for (let length = path.length; length >= 0; length -= 1) {
      const part = path.slice(0, length);
      const node: unknown = length === 0 ? contents : document.getIn(part, true);
      const range = (node as { range?: [number, number, number] } | null | undefined)?.range;
      if (range !== undefined) return lines.linePos(range[0]).line;
    }
    return undefined;
  };
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    return failed(
      parsed.error.issues.slice(0, 50).map((issue) => ({
        line: lineAt(issue.path),
        message: `${issue.path.map(String).join('.')}: ${issue.message}`.replace(/^: /, ''),
      })),
    );
  }
  const { profiles, use, rules } = parsed.data;
  return ok({
    profiles,
    use,
    rules,
    lineOf: (index, profile) =>
      lineAt(profile === undefined ? ['rules', index] : ['profiles', profile, 'rules', index]),
  });
}
