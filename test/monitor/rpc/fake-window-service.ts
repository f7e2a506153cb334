import { containerFacts } from '../../renderer/fixtures.ts';
import type { HistoryService } from '../../../monitor/rpc/service/service-history.ts';
import type { PolicyService, PolicyTextView } from '../../../monitor/rpc/service/service-policy.ts';
import type { AlarmsService, AlarmsView } from '../../../monitor/rpc/service/service-alarms.ts';
import type {
  SettingsService,
  SettingsView,
} from '../../../monitor/rpc/service/service-settings.ts';
import type {
  FindingWord,
  TriageService,
  TriageView,
} from '../../../monitor/rpc/service/service-triage.ts';
import type { DisarmService } from '../../../monitor/rpc/service/service-disarm.ts';
import { failed, ok } from '../../../monitor/runtime/result.ts';

/** What the fake monitor says of its policy. */
export const fakePolicyText: PolicyTextView = {
  policy: { source: '/state/policy.yaml', mode: 'observe', problems: [], loadedAt: 1000 },
  text: 'version: 1\nrules: []\n',
  fileHash: 'a'.repeat(64),
  brokenText: undefined,
  path: '/state/policy.yaml',
  rules: [
    {
      name: 'tell',
      mode: 'observe',
      actions: [{ kind: 'notify' }],
      workloads: 'every workload',
      condition: 'true',
      holdMs: 0,
      cooldownMs: 60_000,
      line: 3,
    },
  ],
  versions: [{ hash: 'a'.repeat(64), loadedAt: 1000, source: '/state/policy.yaml' }],
};

const engine = {
  ...{ endpoint: '', source: 'asked for', id: 'ENGINE-2', name: 'second', version: '29.1.2' },
  ...{ apiVersion: '1.52', simulated: false, cgroupVersion: 2 as const },
  ...{ hostMemoryBytes: 1, hostCpus: 2 },
};

/** What the fake monitor has its hands on. */
export const fakeDisarmItem = {
  kind: 'contained',
  container: 'b0'.repeat(32),
  name: 'builder',
  words: 'paused',
} as const;

const noPatterns = { names: [], images: [], composeProjects: [], labels: [] };

/** Answers each question from what was said to it before, and refuses some as the monitor would. */
export function createFakeWindowService(): Omit<HistoryService, 'actions'> &
  TriageService &
  PolicyService &
  SettingsService &
  AlarmsService &
  DisarmService {
  let triage: TriageView = { words: [], mutes: [] };
  let settings: SettingsView = {
    retention: { days: 180, megabytes: 256 },
    defaultRetention: { days: 180, megabytes: 256 },
    record: { path: '/state/record.db', megabytes: 1.5 },
    selection: {
      only: { ...noPatterns, labels: [{ key: 'agent', pattern: true }] },
      exclude: { ...noPatterns, names: ['scratch-*'] },
    },
  };
  let alarms: AlarmsView = {
    alarmsPerDay: 1,
    workloads: [
      {
        workload: 'w',
        name: 'builder',
        watchedMs: 7_200_000,
        expectedPerDay: 0.25,
        actualPerDay: undefined,
        told: 2,
        markedFalse: 1,
        onceInMs: 8 * 86_400_000,
        claim: 'What goes 4.0 times beyond all that it has done is told.',
      },
    ],
  };
  const without = ({ finding, says }: Omit<FindingWord, 'at'>): TriageView => ({
    ...triage,
    words: triage.words.filter((word) => word.finding !== finding || word.says !== says),
  });
  return {
    alarms: () => alarms,
    setAlarmBudget({ alarmsPerDay, direction }) {
      if (alarmsPerDay < alarms.alarmsPerDay !== (direction === 'lower')) {
        return failed({ kind: 'wrong-direction', message: 'It is not.', advice: 'Look.' });
      }
      alarms = { ...alarms, alarmsPerDay };
      return ok(alarms);
    },
    history: ({ from, series }) =>
      ok({
        at: [from, from + 1000],
        series: series.map((name) => ({
          name,
          mean: [0.5, null],
          max: [0.75, null],
          learned: name === 'cpuCores' ? { low: 0, high: 0.2 } : undefined,
        })),
      }),
    timeline: ({ limit }) =>
      ok(
        Array.from({ length: limit }, (_, index) => ({
          kind: 'coverage' as const,
          at: 1000 - index,
          container: 'c'.repeat(64),
          coverage: {
            sensor: 'resource' as const,
            sight: { state: 'blind' as const, reason: 'no reading for 5 s' },
            since: 900,
            dropped: 2,
          },
        })),
      ),
    decisions: ({ finding }) =>
      ok([
        {
          id: 'tell:f:1',
          rule: 'tell',
          finding: finding ?? 'f',
          workload: 'w',
          container: 'c'.repeat(64),
          mode: 'observe',
          actions: [{ kind: 'stop', graceSeconds: 10 }],
          heldSince: 1,
          at: 2,
          muted: true,
        },
      ]),
    containerFacts: ({ container }) =>
      Promise.resolve(
        container.startsWith('d')
          ? failed({ kind: 'not-watched', message: 'It is not watched.', advice: 'Look.' })
          : ok(containerFacts),
      ),
    processes: ({ container }) =>
      Promise.resolve(
        container.startsWith('d')
          ? failed({ kind: 'not-running', message: 'It does not run.', advice: 'Wait.' })
          : ok({
              at: 1,
              container,
              processes: [{ pid: 7, parentPid: undefined, user: 'root', command: 'sh' }],
              omitted: 3,
            }),
      ),
    acknowledge({ finding }) {
      if (finding === 'nothing') {
        return failed({ kind: 'unknown-finding', message: 'There is none.', advice: 'Look.' });
      }
      triage = { ...triage, words: [{ says: 'normal', finding, at: 5 }] };
      return ok(triage);
    },
    markFalse({ finding }) {
      triage = { ...triage, words: [{ says: 'false-alarm', finding, at: 6 }] };
      return ok(triage);
    },
    unacknowledge({ finding }) {
      triage = without({ finding, says: 'normal' });
      return ok(triage);
    },
    unmarkFalse({ finding }) {
      triage = without({ finding, says: 'false-alarm' });
      return ok(triage);
    },
    mute({ workload, kind, forMs }) {
      triage = { ...triage, mutes: [{ workload, kind, since: 10, until: 10 + forMs }] };
      return ok(triage);
    },
    unmute() {
      triage = { ...triage, mutes: [] };
      return ok(triage);
    },
    policyText: () => fakePolicyText,
    checkPolicy: ({ text }) => ({
      problems: [{ severity: 'error', line: text.length, column: undefined, message: 'Wrong.' }],
    }),
    savePolicy: ({ text, basedOn }) =>
      basedOn === null
        ? failed({ kind: 'changed-meanwhile', message: 'Changed.', advice: 'Look.', problems: [] })
        : ok({ ...fakePolicyText, text }),
    policyVersion: ({ hash }) => ok({ text: hash }),
    previewPolicy: ({ from, to }) =>
      Promise.resolve(
        ok({ from, to, findings: 2, isCut: false, leftOut: 1, rules: [], problems: ['one'] }),
      ),
    setRuleMode: ({ rule, mode }) =>
      ok({
        ...fakePolicyText,
        rules: [
          {
            name: rule ?? 'all',
            mode,
            actions: [{ kind: 'notify' }],
            workloads: 'every workload',
            condition: 'true',
            holdMs: 0,
            cooldownMs: 60_000,
            line: 3,
          },
        ],
      }),
    previewProgress: () => ({ done: 2, of: 7 }),
    cancelPreview: () => undefined,
    settings: () => settings,
    setSelection(selection) {
      settings = { ...settings, selection };
      return ok(settings);
    },
    tryEngine: ({ endpoint }) =>
      Promise.resolve(
        endpoint.includes('absent')
          ? failed({ kind: 'no-engine', message: 'It is not there.', advice: 'Start it.' })
          : ok({ ...engine, endpoint }),
      ),
    setRetention(retention) {
      settings = { ...settings, retention };
      return ok(settings);
    },
    disarmList: () => Promise.resolve({ items: [fakeDisarmItem], unseen: ['Not all.'] }),
    disarm: () =>
      Promise.resolve({
        items: [{ ...fakeDisarmItem, failure: 'It stays.', proof: '' }],
        bound: [
          {
            container: fakeDisarmItem.container,
            name: 'builder',
            words: 'It is paused.',
            commands: ['docker unpause b0b0b0b0b0b0'],
          },
        ],
        proof: 'Read back.',
        left: [],
      }),
  };
}
