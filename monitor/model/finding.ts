import type { Moment } from './time.ts';
import type { ContainerId, WorkloadKey } from './workload.ts';

/** In rising order, with the names of OCSF's severity_id 1 to 5. */
export const severities = ['info', 'low', 'medium', 'high', 'critical'] as const;

export type Severity = (typeof severities)[number];

export const findingKinds = [
  'level-shift',
  'drift',
  'memory-runaway',
  'pids-runaway',
  'fork-bomb',
  'sustained-cpu',
  'network-flood',
  'sustained-upload',
  'restart-loop',
  'unexpected-exec',
  'out-of-memory',
  'escape-attempt',
  'reverse-shell',
  'dropped-program',
  'unusual-process',
  'egress-open',
  'fan-out',
  'beaconing',
  'first-contact',
  'unusual-calls',
  'dns-tunnel',
  'port-scan',
  'several-senses',
] as const;

export type FindingKind = (typeof findingKinds)[number];

/** What the numbers of a piece of evidence are in; a share is of 1. */
export const evidenceUnits = [
  'cores',
  'bytes',
  'bytes/s',
  'packets/s',
  'processes',
  'restarts',
  'count',
  'share',
  's',
] as const;

/** A technique of MITRE ATT&CK, for example T1496 Resource Hijacking. */
export interface Technique {
  readonly id: string;
  readonly name: string;
}

/** One series that speaks for the finding: what was seen and what had been learned. */
export interface Evidence {
  /** What is measured, in words: `CPU`, `memory`, `bytes sent`. */
  readonly series: string;
  readonly unit: (typeof evidenceUnits)[number];
  readonly observed: number;
  /** The range held normal for this workload; undefined when nothing was learned about it. */
  readonly expected: { readonly low: number; readonly high: number } | undefined;
  /** The latest values, oldest first, at most 60. */
  readonly recent: readonly { readonly at: Moment; readonly value: number }[];
}

/** Something about a workload that is not normal for it. */
export interface Finding {
  /** The same for the same workload, kind, series and onset: a later step may update it. */
  readonly id: string;
  readonly kind: FindingKind;
  readonly workload: WorkloadKey;
  readonly container: ContainerId;
  readonly status: 'open' | 'closed';
  readonly severity: Severity;
  /** How far beyond normal, 0 (not at all) to 1 (nothing like it was ever seen). */
  readonly score: number;
  /** When the first observation that belongs to it was taken. */
  readonly onsetAt: Moment;
  /** When the observation that led to this version of the finding was taken. */
  readonly at: Moment;
  /** One sentence with the numbers in it, for a person. */
  readonly sentence: string;
  readonly evidence: readonly Evidence[];
  readonly technique: Technique | undefined;
}

/** True when `severity` is at least `floor`. */
export function atLeast(severity: Severity, floor: Severity): boolean {
  return severities.indexOf(severity) >= severities.indexOf(floor);
}
