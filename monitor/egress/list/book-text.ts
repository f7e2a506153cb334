import { isIP } from 'node:net';
import { z } from 'zod';
import { egressModes, type WrittenEgressRule } from '../../model/egress.ts';
import type { WorkloadKey } from '../../model/workload.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';
import { readRule, writeRule, writtenRuleSchema, type EgressRule } from './rule.ts';
import {
  mostProfiles,
  mostRules,
  mostWorkloads,
  problemOf,
  saysNothing,
  type EgressProfile,
  type RuleBook,
  type WorkloadRules,
} from './rule-book.ts';

/** What a profile may be called. */
export const profileName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'a profile is called by lower-case letters, digits and "-"');

/** A profile as it is written. */
export const writtenProfileSchema = z.strictObject({
  name: profileName,
  note: z.string().max(500).optional(),
  rules: z.array(writtenRuleSchema).max(mostRules),
});

const workloadSchema = z.strictObject({
  workload: z.string().min(1).max(4096),
  mode: z.enum(egressModes),
  profiles: z.array(profileName).max(mostProfiles).default([]),
  rules: z.array(writtenRuleSchema).max(mostRules),
});

/** Version 1 had neither profiles nor lifetimes, and is read as what it is: a book without them. */
const bookSchema = z.strictObject({
  version: z.union([z.literal(1), z.literal(2)]),
  nameServers: z.array(z.string().max(64)).max(8).default([]),
  profiles: z.array(writtenProfileSchema).max(mostProfiles).default([]),
  workloads: z.array(workloadSchema).max(mostWorkloads),
  lockdown: z.strictObject({ since: z.number(), by: z.string().max(100) }).optional(),
});

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
  const profiles = new Map<string, EgressProfile>();
  for (const { name, note, rules: written } of parsed.data.profiles) {
    const where = `In the profile ${name}`;
    if (profiles.has(name)) return failed(`${where}: it is there twice.`);
    const rules = readRules(written, where);
    if (!rules.ok) return rules;
    profiles.set(name, { name, note, rules: rules.value });
  }
  const workloads = new Map<WorkloadKey, WorkloadRules>();
  const { nameServers, lockdown } = parsed.data;
  const book = { nameServers, profiles, workloads, lockdown };
  for (const { workload, mode, profiles: names, rules: written } of parsed.data.workloads) {
    const where = `In the list of ${JSON.stringify(workload)}`;
    if (workloads.has(workload)) return failed(`${where}: it is there twice.`);
    const rules = readRules(written, where);
    if (!rules.ok) return rules;
    const list = { mode, rules: rules.value, profiles: names };
    const problem = problemOf(book, list);
    if (problem !== undefined) return failed(`${where}: ${problem}`);
    workloads.set(workload, list);
  }
  return ok(book);
}

function readRules(
  written: readonly WrittenEgressRule[],
  where: string,
): Result<readonly EgressRule[], string> {
  const rules: EgressRule[] = [];
  for (const [index, each] of written.entries()) {
    const rule = readRule(each);
    if (!rule.ok) return failed(`${where}, rule ${index + 1}: ${rule.error}`);
    rules.push(rule.value);
  }
  return ok(rules);
}

/** The text of a book, for the file. */
export function writeBook(book: RuleBook): string {
  const lists = [...book.workloads].filter(([, list]) => !saysNothing(list));
  const workloads = lists.map(([workload, { mode, rules, profiles }]) => ({
    workload,
    mode,
    ...(profiles.length === 0 ? {} : { profiles }),
    rules: rules.map(writeRule),
  }));
  const profiles = [...book.profiles.values()].map(({ name, note, rules }) => ({
    name,
    ...(note === undefined ? {} : { note }),
    rules: rules.map(writeRule),
  }));
  const { nameServers, lockdown } = book;
  const written = { version: 2, nameServers, lockdown, profiles, workloads };
  return `${JSON.stringify(written, null, 1)}\n`;
}
