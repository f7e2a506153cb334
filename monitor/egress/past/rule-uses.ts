import { z } from 'zod';
import type { EgressRuleUse } from '../../model/egress.ts';
import type { EgressObservation } from '../../model/observation.ts';
import type { Moment } from '../../model/time.ts';
import type { WorkloadKey } from '../../model/workload.ts';
import { decideBy, type EgressDecision, type Destination } from '../list/decide.ts';
import { ruleKey, type EgressRule } from '../list/rule.ts';
import { rulesAboutName } from '../wall/name-plan.ts';

/** How often the rules of one workload were used, as it is kept. */
export interface StoredUses {
  /** Days (since 1970, UTC) on which any traffic of the workload was seen; the latest 60. */
  readonly days: readonly number[];
  readonly rules: readonly {
    readonly key: string;
    readonly count: number;
    readonly lastAt: number;
  }[];
}

/** As it crosses the border to the record. */
export const usesSchema: z.ZodType<StoredUses> = z.object({
  days: z.array(z.number()),
  rules: z.array(z.object({ key: z.string(), count: z.number(), lastAt: z.number() })),
});

/** Where uses are kept. */
export interface UseRecord {
  read(workload: WorkloadKey): StoredUses | undefined;
  write(workload: WorkloadKey, uses: StoredUses): void;
}

/** Counts which rules traffic fell under. */
export interface RuleUses {
  /** Takes what was seen at one look; returns the rules that let something through. */
  note(
    workload: WorkloadKey,
    rules: readonly EgressRule[],
    look: Pick<EgressObservation, 'destinations' | 'names' | 'at'>,
  ): readonly EgressRule[];
  /**
   * What denies a name is never idle: while Sentra is away, and where no names are known, nobody counts
   * who asks for it, and taking it out may open what a `*.` allows.
   */
  useOf(workload: WorkloadKey, rule: EgressRule, now: Moment): EgressRuleUse & { isIdle: boolean };
  /** Writes what has changed; rules that are no longer in the list are forgotten. */
  flush(rulesOf: (workload: WorkloadKey) => readonly EgressRule[]): void;
}

const day = 86_400_000;
const mostDays = 60;

/** A rule is offered for removal when nothing fell under it for so long … */
export const idleMs = 14 * day;

/** … while traffic of the workload was seen on so many days. */
export const idleDays = 5;

interface Decider {
  readonly decide: (to: Destination) => EgressDecision;
  readonly aboutName: (name: string) => readonly EgressRule[];
}

interface Uses {
  readonly days: Set<number>;
  readonly rules: Map<string, { count: number; lastAt: Moment }>;
  changed: boolean;
}

function deniesName({ verdict, target }: EgressRule): boolean {
  return verdict === 'deny' && target.kind === 'name';
}

/** Over what was kept before. */
export function createRuleUses(record: UseRecord): RuleUses {
  const byWorkload = new Map<WorkloadKey, Uses>();
  const deciders = new WeakMap<readonly EgressRule[], Decider>();

  function usesOf(workload: WorkloadKey): Uses {
    const known = byWorkload.get(workload);
    if (known !== undefined) return known;
    const stored = record.read(workload);
    const uses: Uses = {
      days: new Set(stored?.days),
      rules: new Map(stored?.rules.map(({ key, count, lastAt }) => [key, { count, lastAt }])),
      changed: false,
    };
    byWorkload.set(workload, uses);
    return uses;
  }

  return {
    note(workload, rules, { destinations, names, at }) {
      if (destinations.length + names.length === 0) return [];
      const uses = usesOf(workload);
      const today = Math.floor(at / day);
      uses.changed ||= !uses.days.has(today);
      uses.days.add(today);
      const decider = deciders.get(rules) ?? {
        decide: decideBy(rules),
        aboutName: rulesAboutName(rules),
      };
      deciders.set(rules, decider);
      const matched = new Set<EgressRule>();
      const passed = new Set<EgressRule>();
      for (const each of destinations) {
        for (const rule of decider.decide(each).rules) {
          matched.add(rule);
          if (each.sentPackets > each.refusedPackets) passed.add(rule);
        }
      }
      // What denies a name has done all its work when the name is asked: nothing is sent to it.
      for (const { name } of names) {
        for (const rule of decider.aboutName(name)) if (rule.verdict === 'deny') matched.add(rule);
      }
      for (const rule of matched) {
        const key = ruleKey(rule);
        const { count = 0 } = uses.rules.get(key) ?? {};
        uses.rules.set(key, { count: count + 1, lastAt: at });
        uses.changed = true;
      }
      return [...passed];
    },
    useOf(workload, rule, now) {
      const uses = usesOf(workload);
      const used = uses.rules.get(ruleKey(rule));
      const from = Math.max(used?.lastAt ?? 0, rule.at ?? 0);
      const since = from === 0 ? Math.min(...uses.days) * day : from;
      const seenDays = [...uses.days].filter((each) => each * day > since).length;
      return {
        count: used?.count ?? 0,
        lastAt: used?.lastAt,
        isIdle: !deniesName(rule) && now - since >= idleMs && seenDays >= idleDays,
      };
    },
    flush(rulesOf) {
      for (const [workload, uses] of byWorkload) {
        if (!uses.changed) continue;
        uses.changed = false;
        const present = new Set(rulesOf(workload).map(ruleKey));
        for (const key of uses.rules.keys()) if (!present.has(key)) uses.rules.delete(key);
        const days = [...uses.days].sort((one, other) => one - other).slice(-mostDays);
        uses.days.clear();
        for (const each of days) uses.days.add(each);
        const rules = [...uses.rules].map(([key, { count, lastAt }]) => ({ key, count, lastAt }));
        record.write(workload, { days, rules });
      }
    },
  };
}
