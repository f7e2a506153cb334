import { severities } from '../model/finding.ts';
import type { Finding, Severity } from '../model/finding.ts';
import type { Workload } from '../model/workload.ts';

const longestText = 4096;

/** The fields that a condition knows, with their CEL types. */
export const subjectFields = {
  finding: {
    kind: 'string',
    severity: 'int',
    score: 'double',
    age: 'double',
    series: 'list<string>',
    technique: 'string',
  },
  workload: {
    name: 'string',
    image: 'string',
    labels: 'map<string, string>',
    composeProject: 'string',
    composeService: 'string',
    network: 'string',
    networks: 'list<string>',
    memoryLimited: 'bool',
    cpuLimited: 'bool',
    pidsLimited: 'bool',
    runtime: 'string',
  },
} as const;

type FieldValue<Type> = Type extends 'string'
  ? string
  : Type extends 'int'
    ? bigint
    : Type extends 'double'
      ? number
      : Type extends 'bool'
        ? boolean
        : Type extends 'list<string>'
          ? readonly string[]
          : Readonly<Record<string, string>>;

type Fields<Types> = { readonly [Name in keyof Types]: FieldValue<Types[Name]> };

/** A finding and its workload as a condition sees them. */
export interface ConditionSubject {
  readonly finding: Fields<typeof subjectFields.finding>;
  readonly workload: Fields<typeof subjectFields.workload>;
}

/** Info 1, low 2, medium 3, high 4, critical 5, as OCSF counts them. */
export function severityRank(severity: Severity): number {
  return severities.indexOf(severity) + 1;
}

/**
 * What a condition sees. Absent texts are empty; texts are cut at 4096 characters, which bounds
 * what a condition costs. `age` is the seconds from onset to this version of the finding: what was
 * seen to last, not what may have gone on unseen.
 */
export function subjectOf(finding: Finding, workload: Workload): ConditionSubject {
  const { network, limits } = workload;
  return {
    finding: {
      kind: finding.kind,
      severity: BigInt(severityRank(finding.severity)),
      score: finding.score,
      age: Math.max(0, finding.at - finding.onsetAt) / 1000,
      series: finding.evidence.map((evidence) => cut(evidence.series)),
      technique: finding.technique?.id ?? '',
    },
    workload: {
      name: cut(workload.name),
      image: cut(workload.image),
      labels: Object.fromEntries(
        Object.entries(workload.labels).map(([key, value]) => [key, cut(value)]),
      ),
      composeProject: cut(workload.composeProject ?? ''),
      composeService: cut(workload.composeService ?? ''),
      network: network.kind,
      networks: network.kind === 'own' ? network.networks.map(cut) : [],
      memoryLimited: limits.memoryBytes !== undefined,
      cpuLimited: limits.cpus !== undefined,
      pidsLimited: limits.pids !== undefined,
      runtime: cut(workload.runtime),
    },
  };
}

function cut(text: string): string {
  return text.length > longestText ? text.slice(0, longestText) : text;
}
