import type { Finding } from '../../../monitor/model/finding.ts';
import type { Workload } from '../../../monitor/model/workload.ts';
import { loadPolicy } from '../../../monitor/policy/load.ts';
import type { Policy } from '../../../monitor/policy/policy.ts';

/** A moment to count from. */
export const start = 1_700_000_000_000;

/** A running container called web, with what is given in its place. */
export function workloadWith(parts: Partial<Workload> = {}): Workload {
  return {
    key: 'node web',
    container: 'c1',
    name: 'web',
    image: 'node:22',
    labels: { team: 'blue' },
    composeProject: 'shop',
    composeService: 'web',
    state: 'running',
    mainPid: 1,
    startedAt: start,
    restartCount: 0,
    network: { kind: 'own', networks: ['bridge'] },
    limits: { memoryBytes: undefined, cpus: undefined, pids: 100 },
    runtime: 'runc',
    restartPolicy: 'no',
    ...parts,
  };
}

/** A fork bomb of high severity in web, open, with what is given in its place. */
export function findingWith(parts: Partial<Finding> = {}): Finding {
  return {
    id: 'f1',
    kind: 'fork-bomb',
    workload: 'node web',
    container: 'c1',
    status: 'open',
    severity: 'high',
    score: 0.9,
    onsetAt: start,
    at: start,
    sentence: 'Processes grow by 900 a second.',
    evidence: [
      { series: 'processes', unit: 'processes', observed: 900, expected: undefined, recent: [] },
    ],
    technique: undefined,
    ...parts,
  };
}

/** The policy that the text says; throws, with its problems, when it is not in order. */
export function policyOf(text: string): Policy {
  const loaded = loadPolicy(text);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  return loaded.value.policy;
}

/** A policy of one rule, from the lines of the rule. */
export function policyWithRule(...lines: readonly string[]): Policy {
  const body = lines.map((line) => `    ${line}\n`).join('');
  return policyOf(`version: 1\nrules:\n  - name: rule\n${body}`);
}
