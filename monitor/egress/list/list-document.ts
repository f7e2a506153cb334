import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import type { WrittenEgressProfile, WrittenEgressRule } from '../../model/egress.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';
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
  readonly lineOf: (index: number, profile?: number) => number | undefined;
}

/** Of the text, in UTF-16 units. */
export const longestDocument = 3 * 1024 * 1024;

/** YAML beyond this would keep the monitor from its work for a second or more; JSON does not. */
const longestYaml = 256 * 1024;

const schema = z.strictObject({
  'sentra-egress': z.literal(1),
  profiles: z.array(writtenProfileSchema).max(mostProfiles).default([]),
  use: z.array(profileName).max(mostProfiles).default([]),
  rules: z.array(writtenRuleSchema).max(mostRules).default([]),
});

/** The list as JSON with a line for each rule; what is read from it again is the same. */
export function writeDocument(book: RuleBook, list: WorkloadRules): string {
  const profiles = list.profiles.flatMap((name) => {
    const profile = book.profiles.get(name);
    if (profile === undefined) return [];
    const { note, rules } = profile;
    const head = JSON.stringify({ name, ...(note === undefined ? {} : { note }) }).slice(0, -1);
    return [`${head},"rules":${linesOf(rules.map(writeRule), '   ')}}`];
  });
  const shared = profiles.length === 0 ? '[]' : `[\n  ${profiles.join(',\n  ')}\n ]`;
  return `{
 "sentra-egress": 1,
 "use": ${JSON.stringify(list.profiles)},
 "profiles": ${shared},
 "rules": ${linesOf(list.rules.map(writeRule), '  ')}
}
`;
}

function linesOf(rules: readonly WrittenEgressRule[], indent: string): string {
  if (rules.length === 0) return '[]';
  const lines = rules.map((rule) => `${indent}${JSON.stringify(rule)}`);
  return `[\n${lines.join(',\n')}\n${indent.slice(1)}]`;
}

/**
 * Reads JSON of at most 3 MB or YAML of at most 256 KB; the failure is everything that is wrong with
 * its form, at least one thing. In JSON beyond 256 KB no lines are told.
 */
export function readListDocument(text: string): Result<ReadDocument, readonly DocumentProblem[]> {
  const complain = (message: string, line?: number) => failed([{ line, message }]);
  if (text.length > longestDocument) return complain('The file is longer than 3 MB.');
  const json = fromJson(text);
  if (json !== undefined) {
    const parsed = schema.safeParse(json.value);
    // Lines are looked for only where something is wrong, and where that takes no long time.
    let lines: LineFinder | undefined;
    const lineAt: LineFinder = (path) => {
      lines ??= linesIn(text);
      return lines(path);
    };
    return parsed.success ? ok(readOf(parsed.data, lineAt)) : failed(issues(parsed.error, lineAt));
  }
  if (text.length > longestYaml) {
    return complain('This is not JSON, and YAML is read up to 256 KB only.');
  }
  const read = readYaml(text);
  if (!read.ok) return read;
  const parsed = schema.safeParse(read.value.value);
  const { lineAt } = read.value;
  return parsed.success ? ok(readOf(parsed.data, lineAt)) : failed(issues(parsed.error, lineAt));
}

type LineFinder = (path: readonly PropertyKey[]) => number | undefined;

function readOf(
  { profiles, use, rules }: z.infer<typeof schema>,
  lineAt: LineFinder,
): ReadDocument {
  return {
    profiles,
    use,
    rules,
    lineOf: (index, profile) =>
      lineAt(profile === undefined ? ['rules', index] : ['profiles', profile, 'rules', index]),
  };
}

function issues(error: z.ZodError, lineAt: LineFinder): readonly DocumentProblem[] {
  return error.issues.slice(0, 50).map(({ path, message }) => ({
    line: lineAt(path),
    message: path.length === 0 ? message : `${path.map(String).join('.')}: ${message}`,
  }));
}

function fromJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function linesIn(text: string): LineFinder {
  const read = text.length > longestYaml ? undefined : readYaml(text);
  return read?.ok === true ? read.value.lineAt : () => undefined;
}

/** The values of a YAML text, of which JSON is a part, and where they stand. */
function readYaml(
  text: string,
): Result<{ readonly value: unknown; readonly lineAt: LineFinder }, readonly DocumentProblem[]> {
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, {
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
    const lineAt: LineFinder = (path) => {
      for (let length = path.length; length >= 0; length -= 1) {
        const node: unknown =
          length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
        const range = (node as { range?: [number, number, number] } | null | undefined)?.range;
        if (range !== undefined) return lines.linePos(range[0]).line;
      }
      return undefined;
    };
    // Without aliases, so that a short text cannot stand for a giant.
    return ok({ value: document.toJS({ maxAliasCount: 0 }) as unknown, lineAt });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return failed([{ line: undefined, message: `This cannot be read as YAML: ${reason}.` }]);
  }
}
