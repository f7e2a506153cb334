import { createHash } from 'node:crypto';
import { failed, ok, type Result } from '../../runtime/result.ts';
import { planNames, type NamePlan } from './name-plan.ts';
import { greatestTtl } from './wall-numbers.ts';
import { nameSet } from './wall-sets.ts';
import type { WorkloadRules } from '../list/rule-book.ts';
import { classKey, type TrafficClass } from '../list/traffic-class.ts';

/** Address ranges of one class of traffic, in CIDR notation. */
export interface RangeGroup extends TrafficClass {
  readonly verdict: 'allow' | 'deny';
  readonly family: 4 | 6;
  readonly ranges: readonly string[];
}

/** Traffic to the addresses of names, and whether these names may lead to private ones. */
export interface NameClass extends TrafficClass {
  readonly local: boolean;
}

/** What a list of rules comes to, apart from the container that it is put up around. */
export interface WallPlan {
  readonly mode: 'observe' | 'enforce';
  /** Whether what no rule decides is held, so that a person can be asked; else it is refused. */
  readonly asks: boolean;
  readonly names: readonly NamePlan[];
  readonly ranges: readonly RangeGroup[];
  /** Classes of traffic that allowed names have; each has its sets in the kernel. */
  readonly nameClasses: readonly NameClass[];
  /** Name servers that allowed names are asked of. */
  readonly upstream: readonly string[];
  /** Networks whose other containers Docker's own resolver knows by name; empty for the default bridge. */
  readonly networks: readonly string[];
  /** The greatest time to live that the resolver tells, seconds. */
  readonly ttlSeconds: number;
  /** Changes with anything above. 64 hexadecimal digits. */
  readonly fingerprint: string;
}

/** What only counts, the same whatever the rules are, so that it stays when they change. */
export const observingPlan: WallPlan = {
  mode: 'observe',
  asks: false,
  names: [],
  ranges: [],
  nameClasses: [],
  upstream: [],
  networks: [],
  ttlSeconds: greatestTtl,
  fingerprint: createHash('sha256').update('observe').digest('hex'),
};

/** Plans the wall; the failure is a sentence about the rules. */
export function planWall(
  mode: 'ask' | 'enforce',
  { rules }: Pick<WorkloadRules, 'rules'>,
  upstream: readonly string[],
  networks: readonly string[],
  ttlSeconds: number = greatestTtl,
): Result<WallPlan, string> {
  const named = planNames(rules);
  if (!named.ok) return failed(named.error);
  const groups = new Map<string, RangeGroup & { ranges: string[] }>();
  for (const { target, verdict, protocol, port } of rules) {
    if (target.kind !== 'range') continue;
    const { family } = target;
    const key = `${verdict} ${family} ${classKey({ protocol, port })}`;
    const group = groups.get(key) ?? { verdict, family, protocol, port, ranges: [] };
    groups.set(key, group);
    group.ranges.push(target.range);
  }
  const nameClasses = new Map<string, NameClass>();
  for (const verdict of named.value.flatMap(({ itself, below }) => [itself, below])) {
    if (verdict.kind !== 'allowed') continue;
    const { local } = verdict;
    for (const each of verdict.classes) {
      nameClasses.set(nameSet(4, { ...each, local }), { ...each, local });
    }
  }
  const plan = {
    mode: 'enforce' as const,
    asks: mode === 'ask',
    names: named.value,
    ranges: [...groups.keys()].sort().flatMap((key) => groups.get(key) ?? []),
    nameClasses: [...nameClasses.keys()].sort().flatMap((key) => nameClasses.get(key) ?? []),
    upstream,
    networks,
    ttlSeconds,
  };
  const fingerprint = createHash('sha256').update(JSON.stringify(plan)).digest('hex');
  return ok({ ...plan, fingerprint });
}
