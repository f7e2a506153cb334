import type { ShellState } from '../../preload/shell.ts';
import type {
  Action,
  ContainerFacts,
  Coverage,
  Decision,
  Finding,
  ResourceReading,
  Snapshot,
  WorkloadView,
} from '../../renderer/state/model.ts';

/** The moment at which the fixtures stand: 2026-11-25 14:00 UTC. */
export const noon = Date.UTC(2026, 10, 25, 14, 0, 0);

const mebibyte = 1024 * 1024;

/** A container's id made of its number. */
export function idOf(number: number): string {
  return number.toString(16).padStart(8, '0').repeat(8);
}

function coverage(sensor: Coverage['sensor'], sight: Coverage['sight']): Coverage {
  return { sensor, sight, since: noon - 3_600_000, dropped: 0 };
}

/** What sees a container when all is well. */
export const wellSeen: readonly Coverage[] = [
  coverage('resource', { state: 'seeing' }),
  coverage('lifecycle', { state: 'seeing' }),
  coverage('process', { state: 'on-demand' }),
];

/** What sees a container whose cgroup files cannot be read. */
export const badlySeen: readonly Coverage[] = [
  coverage('resource', { state: 'blind', reason: 'Its cgroup files cannot be read.' }),
  coverage('lifecycle', { state: 'partly', reason: 'Some events were lost.' }),
  coverage('process', { state: 'on-demand' }),
];

/** What sees a container where nobody gave Sentra the means to see its egress. */
export const neverSeen: readonly Coverage[] = [
  ...wellSeen,
  coverage('egress', { state: 'blind', lasting: true, reason: 'Install it.' }),
];

/** One reading. */
export function reading(number: number, at: number, cpuCores = 0.04): ResourceReading {
  return {
    kind: 'resource',
    at,
    workload: `agents/agent-${number}`,
    container: idOf(number),
    intervalMs: 1000,
    cpuCores,
    throttledShare: 0,
    memoryBytes: (180 + number * 13) * mebibyte,
    anonymousBytes: (120 + number * 13) * mebibyte,
    cacheBytes: 60 * mebibyte,
    memoryLimitBytes: 2048 * mebibyte,
    memoryLimited: true,
    faultsPerSecond: 12,
    pids: 14,
    pidsLimit: 512,
    forksRefused: undefined,
    network: {
      receivedBytes: 4200 * (number % 7),
      sentBytes: 1900 * (number % 5),
      receivedPackets: 12,
      sentPackets: 9,
    },
    block: { readBytes: 0, writtenBytes: 4096 },
    carrier: 'cgroup',
  };
}

/** One container as the monitor shows it. */
export function view(number: number, change: Partial<WorkloadView> = {}): WorkloadView {
  return {
    workload: {
      key: `agents/agent-${number}`,
      container: idOf(number),
      name: `agent-${number}`,
      image: 'ghcr.io/example/coding-agent:2.4',
      labels: { 'com.docker.compose.project': 'agents', 'org.example.task': 'refactor' },
      composeProject: 'agents',
      composeService: `agent-${number}`,
      state: 'running',
      mainPid: 4000 + number,
      startedAt: noon - 5_400_000,
      restartCount: 0,
      network: { kind: 'own', networks: ['agents_default'] },
      limits: { memoryBytes: 2048 * mebibyte, cpus: 2, pids: 512 },
      runtime: 'runc',
      restartPolicy: 'unless-stopped',
    },
    resource: reading(number, noon),
    coverage: wellSeen,
    learning: { state: 'learned', since: noon - 3_600_000 },
    findings: { open: 0, worst: undefined },
    containment: undefined,
    ...change,
  };
}

/** What a person may read of a memory runaway. */
export function finding(number: number, change: Partial<Finding> = {}): Finding {
  return {
    id: `finding-${number}`,
    kind: 'memory-runaway',
    workload: `agents/agent-${number}`,
    container: idOf(number),
    status: 'open',
    severity: 'high',
    score: 0.93,
    onsetAt: noon - 42_000,
    at: noon - 3_000,
    sentence:
      'Memory rises by 41 MiB a second and meets its limit of 2.0 GiB in 28 to 36 s; it never rose for longer than 6 s before.',
    evidence: [
      {
        series: 'memory',
        unit: 'bytes',
        observed: 912 * mebibyte,
        expected: { low: 140 * mebibyte, high: 420 * mebibyte },
        recent: Array.from({ length: 60 }, (_, index) => ({
          at: noon - (60 - index) * 1000,
          value: (index < 20 ? 230 + (index % 4) * 6 : 230 + (index - 20) * 17) * mebibyte,
        })),
      },
      {
        series: 'CPU',
        unit: 'cores',
        observed: 1.02,
        expected: { low: 0.01, high: 0.6 },
        recent: Array.from({ length: 60 }, (_, index) => ({
          at: noon - (60 - index) * 1000,
          value: index < 20 ? 0.2 + (index % 5) * 0.04 : 0.9 + (index % 6) * 0.04,
        })),
      },
    ],
    technique: { id: 'T1496', name: 'Resource Hijacking' },
    ...change,
  };
}

/** Something that was done and proved. */
export function action(number: number, change: Partial<Action> = {}): Action {
  return {
    id: `action-${number}`,
    name: 'pause',
    workload: `agents/agent-${number}`,
    container: idOf(number),
    requester: { kind: 'policy', decision: `decision-${number}`, rule: 'contain runaways' },
    startedAt: noon - 2_600,
    finishedAt: noon - 2_200,
    outcome: {
      state: 'proved',
      proof: 'The engine says paused, the cgroup is frozen, and it is on no network.',
    },
    ...change,
  };
}

/** What a rule made of a finding. */
export function decision(number: number, change: Partial<Decision> = {}): Decision {
  return {
    id: `decision-${number}`,
    rule: 'contain runaways',
    finding: `finding-${number}`,
    workload: `agents/agent-${number}`,
    container: idOf(number),
    mode: 'observe',
    actions: [{ kind: 'notify' }, { kind: 'pause' }],
    heldSince: noon - 3_000,
    at: noon - 2_800,
    ...change,
  };
}

/** Everything at one moment. */
export function snapshot(
  workloads: readonly WorkloadView[],
  change: Partial<Snapshot> = {},
): Snapshot {
  return {
    at: noon,
    startedAt: noon - 7_200_000,
    engine: {
      endpoint: 'unix:///var/run/docker.sock',
      source: 'the usual socket',
      id: 'ENGINE:0001',
      name: 'workstation',
      version: '29.1.2',
      apiVersion: '1.52',
      simulated: false,
      cgroupVersion: 2,
      hostMemoryBytes: 32 * 1024 * mebibyte,
      hostCpus: 12,
    },
    connection: { state: 'connected', since: noon - 7_200_000 },
    simulated: false,
    policy: {
      source: 'built in',
      mode: 'observe',
      problems: [],
      loadedAt: noon - 7_200_000,
    },
    workloads,
    leftOut: 2,
    cost: { cpuCores: 0.0072, residentBytes: 94 * mebibyte },
    losses: [],
    triage: { words: [], mutes: [] },
    ...change,
  };
}

/** The shell when all is well. */
export const calmShell: ShellState = {
  program: '0.1.0',
  platform: 'linux',
  monitor: { state: 'running', since: noon },
  engine: undefined,
  appearance: 'system',
  loginItem: { state: 'off' },
  trayHost: 'present',
  lookBackDue: false,
  lookBackAwaited: false,
  demonstration: false,
};

/** What the engine says of how an ordinary container was made. */
export const containerFacts: ContainerFacts = {
  createdAt: noon - 5_460_000,
  imageId: `sha256:${'d4'.repeat(32)}`,
  command: ['node', '/app/agent.js', '--task', 'refactor'],
  workingFolder: '/project',
  user: 'agent',
  mounts: [
    { kind: 'bind', source: '/home/ada/project', target: '/project', writable: true },
    { kind: 'volume', source: 'npm-cache', target: '/cache/npm', writable: true },
    { kind: 'bind', source: '/etc/ssl/certs', target: '/etc/ssl/certs', writable: false },
  ],
  ports: [
    { port: '8080/tcp', offeredAt: '127.0.0.1:8080' },
    { port: '9229/tcp', offeredAt: undefined },
  ],
  addresses: [{ network: 'agents_default', addresses: ['172.20.0.4'] }],
  restart: { policy: 'unless-stopped', mostRetries: 0 },
  health: { state: 'healthy', failures: 0 },
  privileged: false,
  readOnlyRoot: false,
  addedCapabilities: [],
  droppedCapabilities: ['NET_RAW'],
  securityOptions: ['no-new-privileges'],
  devices: [],
  hostNamespaces: [],
  omitted: 0,
};
