import { isIP } from 'node:net';
import { z } from 'zod';
import { egressModes, type EgressMode } from '../model/egress.ts';
import type { WorkloadKey } from '../model/workload.ts';
import { failed, ok, type Result } from '../runtime/result.ts';
import { planNames } from './name-plan.ts';
import { readRule, targetText, writeRule, writtenRuleSchema, type EgressRule } from './rule.ts';
import { distinctClasses } from './traffic-class.ts';

/** The list of one workload. */
export interface WorkloadRules {
  readonly mode: EgressMode;
  readonly rules: readonly EgressRule[];
}

/** All lists, by workload. */
export interface RuleBook {
  /** Addresses of the name servers that allowed names are asked of; empty means the host's own. */
  readonly nameServers: readonly string[];
  readonly workloads: ReadonlyMap<WorkloadKey, WorkloadRules>;
}

/** Nothing is done about any workload. */
export const emptyBook: RuleBook = { nameServers: [], workloads: new Map() };

const noRules: WorkloadRules = { mode: 'off', rules: [] };

/** Of one list. */
export const mostRules = 20_000;
/** Combinations of protocol and port in one list: each is a set and a rule in the kernel. */
const mostClasses = 64;

const bookSchema = z.strictObject({
  version: z.literal(1),
  nameServers: z.array(z.string().max(64)).max(8).default([]),
  workloads: z
    .array(
      z.strictObject({
        workload: z.string().min(1).max(4096),
        mode: z.enum(egressModes),
        rules: z.array(writtenRuleSchema).max(mostRules),
      }),
    )
    .max(1000),
});

/** The list of a workload; off and empty for one that has none. */
export function rulesOf(book: RuleBook, workload: WorkloadKey): WorkloadRules {
  return book.workloads.get(workload) ?? noRules;
}

/** The book with another list for one workload. Fails with a sentence when the list cannot be kept. */
export function withRules(
  book: RuleBook,
  workload: WorkloadKey,
  rules: WorkloadRules,
): Result<RuleBook, string> {
  const problem = problemOf(rules);
  if (problem !== undefined) return failed(problem);
  return ok({ ...book, workloads: new Map(book.workloads).set(workload, rules) });
}

/** The list with the rule in it, and without what said otherwise about the same traffic. */
export function withRule({ mode, rules }: WorkloadRules, rule: EgressRule): WorkloadRules {
  const text = targetText(rule.target);
  const rest = rules.filter(
    (other) =>
      targetText(other.target) !== text ||
      // A name is denied as a whole, so what allowed or denied it before is all replaced.
      (!(rule.target.kind === 'name' && other.verdict !== rule.verdict) &&
        (other.protocol !== rule.protocol || other.port !== rule.port)),
  );
  return { mode, rules: [...rest, rule] };
}

/** Understands the text of a book; the failure says what is wrong and where. */
export function readBook(text: string): Result<RuleBook, string> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return failed(`It is not JSON: ${error instanceof Error ? error.message : String(error)}.`);
  }
  const parsed = bookSchema.safeParse(json);
  if (!parsed.success) return failed(z.prettifyError(parsed.error).slice(0, 1000));
  const server = parsed.data.nameServers.find((each) => isIP(each) === 0 || each.includes('%'));
  if (server !== undefined) return failed(`${JSON.stringify(server)} is no name server's address.`);
  const workloads = new Map<WorkloadKey, WorkloadRules>();
  for (const { workload, mode, rules: written } of parsed.data.workloads) {
    const where = `In the list of ${JSON.stringify(workload)}`;
    if (workloads.has(workload)) return failed(`${where}: it is there twice.`);
    const rules: EgressRule[] = [];
    for (const [index, each] of written.entries()) {
      const rule = readRule(each);
      if (!rule.ok) return failed(`${where}, rule ${index + 1}: ${rule.error}`);
      rules.push(rule.value);
    }
    const problem = problemOf({ mode, rules });
    if (problem !== undefined) return failed(`${where}: ${problem}`);
    workloads.set(workload, { mode, rules });
  }
  return ok({ nameServers: parsed.data.nameServers, workloads });
}

/** The text of a book, for the file. */
export function writeBook(book: RuleBook): string {
  const workloads = [...book.workloads].map(([workload, { mode, rules }]) => ({
    workload,
    mode,
    rules: rules.map(writeRule),
  }));
  return `${JSON.stringify({ version: 1, nameServers: book.nameServers, workloads }, null, 1)}\n`;
}

function problemOf({ rules }: WorkloadRules): string | undefined {
  if (rules.length > mostRules) return `A list has at most ${mostRules} rules.`;
  if (distinctClasses(rules).length > mostClasses) {
    return `A list has at most ${mostClasses} combinations of protocol and port.`;
  }
  const planned = planNames(rules);
  return planned.ok ? undefined : planned.error;
}
