import type { Reply } from '../../preload/contract.ts';
import { monitorChannels, shellChannels, type ChannelName } from '../../preload/channels.ts';
import type { ShellState } from '../../preload/shell.ts';
import type {
  AlarmsView,
  History,
  PolicyText,
  WorkloadAlarms,
} from '../../renderer/state/model.ts';
import { fakeEgressView } from '../monitor/rpc/fake-egress-service.ts';
import { callsView, startsView } from './behaviour.ts';
import { action, containerFacts, decision, finding, noon, snapshot, view } from './fixtures.ts';

/** Every channel of the contract. */
export const channelNames: readonly ChannelName[] = [...monitorChannels, ...shellChannels];

/** What a policy with two rules says of itself. */
export function policyText(text = samplePolicy): PolicyText {
  return {
    policy: snapshot([]).policy,
    text,
    fileHash: 'a'.repeat(64),
    brokenText: undefined,
    path: '/home/ada/.config/sentra/policy.yaml',
    rules: [
      {
        name: 'contain runaways',
        mode: 'observe',
        actions: [{ kind: 'notify' }, { kind: 'pause' }],
        workloads: 'every workload',
        condition: 'finding.severity >= high',
        holdMs: 0,
        cooldownMs: 600_000,
        line: 16,
      },
      {
        name: 'tell',
        mode: 'observe',
        actions: [{ kind: 'notify' }],
        workloads: 'every workload',
        condition: 'finding.severity > info',
        holdMs: 0,
        cooldownMs: 600_000,
        line: 23,
      },
    ],
    versions: [
      {
        hash: 'a'.repeat(64),
        loadedAt: noon - 600_000,
        source: '/home/ada/.config/sentra/policy.yaml',
      },
      { hash: 'b'.repeat(64), loadedAt: noon - 90_000_000, source: 'built in' },
    ],
  };
}

const samplePolicy = `# What Sentra does about what it finds. docs/policy.md explains every key.
version: 1

# observe: say what would have been done. enforce: do it. A rule may have its own mode.
mode: observe

# Which containers are watched; every one when left out, for example:
# watch:
#   composeProjects: ["agents-*"]

# Containers that nothing is ever done to, for example:
# protect:
#   names: ["db-*"]

rules:
  - name: contain runaways
    when: |
      finding.severity >= high &&
      finding.kind in ["memory-runaway", "pids-runaway", "fork-bomb", "network-flood"]
    do: [notify, pause]

  # Everything else: tell. What is merely info is recorded and not told.
  - name: tell
    when: finding.severity > info
    do: [notify]
`;

/** A budget of one a day with a workload that has been known for four days. */
export function alarmsView(change: Partial<WorkloadAlarms> = {}): AlarmsView {
  return {
    alarmsPerDay: 1,
    workloads: [
      {
        workload: 'agents/agent-1',
        name: 'agent-1',
        watchedMs: 4 * 86_400_000,
        expectedPerDay: 0.25,
        actualPerDay: 0.5,
        told: 2,
        markedFalse: 1,
        onceInMs: 8 * 86_400_000,
        claim: 'What goes beyond all that it has done is told.',
        ...change,
      },
    ],
  };
}

/** An hour of one workload by the minute. */
export function history(query: {
  readonly from: number;
  readonly to: number;
  readonly resolution: 'second' | 'minute' | 'hour';
  readonly series: readonly History['series'][number]['name'][];
}): History {
  const step = { second: 1000, minute: 60_000, hour: 3_600_000 }[query.resolution];
  const count = Math.min(5000, Math.floor((query.to - query.from) / step));
  const at = Array.from({ length: count }, (_, index) => query.from + index * step);
  const scales: Readonly<Record<string, number>> = {
    cpuCores: 0.4,
    memoryBytes: 4e8,
    anonymousBytes: 3e8,
    receivedBytes: 40_000,
    sentBytes: 9_000,
    pids: 14,
  };
  return {
    at,
    series: query.series.map((name) => {
      const scale = scales[name] ?? 1;
      const mean = at.map((_, index) =>
        index > count * 0.3 && index < count * 0.34
          ? null
          : scale * (0.6 + 0.25 * Math.sin(index / 9) + (((index * 7919) % 13) / 13) * 0.2),
      );
      return {
        name,
        mean,
        max: mean.map((value) => (value === null ? null : value * 1.3)),
        learned: { low: scale * 0.3, high: scale * 0.95 },
      };
    }),
  };
}

function ok<Value>(value: Value) {
  return { ok: true as const, value };
}

type Replier = { readonly [Name in ChannelName]: (params: never) => Reply<Name> };

/** What every channel answers when a test does not say otherwise: one calm container. */
export function defaultReplies(shell: ShellState): Replier {
  const shellReply = () => ok(shell);
  const triage = () => ok({ words: [], mutes: [] });
  const act = (name: 'pause' | 'kill' | 'quarantine' | 'resume' | 'release') => () =>
    ok(action(1, { name, requester: { kind: 'person' } }));
  const alarms = () => ok(alarmsView());
  const policy = () => ok(policyText());
  const egress = () => ok(fakeEgressView());
  const retention = { days: 90, megabytes: 256 };
  const patterns = { names: [], images: [], composeProjects: [], labels: [] };
  const settings = () =>
    ok({
      retention,
      defaultRetention: retention,
      record: { path: '/home/ada/.local/state/sentra/record.db', megabytes: 31.4 },
      selection: { only: { ...patterns, composeProjects: ['agents*'] }, exclude: patterns },
    });
  return {
    snapshot: () => ok(snapshot([view(1)])),
    findings: () => ok([]),
    actions: () => ok([]),
    pause: act('pause'),
    kill: act('kill'),
    quarantine: act('quarantine'),
    resume: act('resume'),
    release: act('release'),
    history: (params: Parameters<typeof history>[0]) => ok(history(params)),
    calls: () => ok(callsView()),
    starts: () => ok(startsView()),
    timeline: () =>
      ok([
        { kind: 'action', at: noon - 2_600, action: action(1) },
        { kind: 'decision', at: noon - 2_800, decision: decision(1) },
        { kind: 'finding', at: noon - 3_000, finding: finding(1) },
        {
          kind: 'coverage',
          at: noon - 600_000,
          container: view(1).workload.container,
          coverage: view(1).coverage[0]!,
        },
      ]),
    decisions: () => ok([decision(1)]),
    containerFacts: () => ok(containerFacts),
    processes: () =>
      ok({
        at: noon,
        container: view(1).workload.container,
        processes: [
          { pid: 4001, parentPid: 1, user: 'agent', command: 'node /app/agent.js --task refactor' },
          { pid: 4017, parentPid: 4001, user: 'agent', command: 'python3 build.py --jobs 8' },
          { pid: 4021, parentPid: 4017, user: 'agent', command: 'cc1plus -O2 parser.cc' },
        ],
        omitted: 0,
      }),
    acknowledge: triage,
    unacknowledge: triage,
    markFalse: triage,
    unmarkFalse: triage,
    mute: triage,
    unmute: triage,
    policyText: policy,
    egressList: egress,
    egressProve: egress,
    egressEnforce: egress,
    egressAsk: egress,
    egressObserve: egress,
    egressOff: egress,
    egressSave: egress,
    egressPreset: egress,
    egressProfile: egress,
    egressImport: egress,
    egressUndo: egress,
    egressHeld: () => ok({ questions: [] }),
    egressHeldAllow: () => ok({ questions: [] }),
    egressHeldDeny: () => ok({ questions: [] }),
    egressHeldRefuse: () => ok({ questions: [] }),
    egressHeldDefer: () => ok({ questions: [] }),
    egressLockdown: () =>
      ok({ lockdown: { since: noon, by: 'ada, by the window' }, closed: 1, notClosed: [] }),
    egressLift: () => ok({ lockdown: undefined, closed: 0, notClosed: [] }),
    egressErase: () => ok({ rows: 12 }),
    egressPresets: () => ok({ presets: [], profiles: [] }),
    egressExport: () => ok({ text: '{ "sentra-egress": 1 }' }),
    egressSeen: () => ok({ since: noon, destinations: [], names: [], kinds: [] }),
    egressCheck: () => ok({ problems: [], remarks: [], preview: undefined }),
    egressLearn: () => ok({ since: noon, proposals: [], leftOut: [] }),
    checkPolicy: () => ok({ problems: [] }),
    savePolicy: policy,
    policyVersion: () => ok({ text: samplePolicy.replace('[notify, pause]', '[notify]') }),
    previewPolicy: () =>
      ok({
        from: noon - 86_400_000,
        to: noon,
        findings: 14,
        isCut: false,
        leftOut: 1,
        rules: [
          {
            rule: 'contain runaways',
            mode: 'observe',
            decisions: 2,
            workloads: [{ workload: 'agents/agent-1', name: 'agent-1', decisions: 2 }],
            examples: [
              {
                at: noon - 4_000_000,
                finding: 'finding-1',
                sentence: finding(1).sentence,
                workload: 'agents/agent-1',
                name: 'agent-1',
                actions: [{ kind: 'notify' }, { kind: 'pause' }],
              },
            ],
          },
          { rule: 'tell', mode: 'observe', decisions: 0, workloads: [], examples: [] },
        ],
        problems: [],
      }),
    previewProgress: () => ok(undefined),
    cancelPreview: () => ok(undefined),
    alarms,
    raiseAlarmBudget: alarms,
    lowerAlarmBudget: alarms,
    enforce: policy,
    observe: policy,
    settings,
    setRetention: settings,
    setSelection: settings,
    setEngine: shellReply,
    subscribe: () => ok({ shell, snapshot: 'none' }),
    unsubscribe: () => ok(null),
    shellState: shellReply,
    restartMonitor: shellReply,
    demonstrate: shellReply,
    lookedBack: shellReply,
    setAppearance: shellReply,
    setLoginItem: () => ok({ state: 'on' }),
    disarmList: () => ok({ items: [], unseen: [] }),
    disarm: () => ok({ items: [], bound: [], proof: undefined, left: [] }),
    openHelp: () => ok(null),
    closeWindow: () => ok(null),
  };
}
