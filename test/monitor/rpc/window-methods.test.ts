import { expect, test } from 'vitest';
import { createMonitorClient } from '../../../monitor/rpc/client.ts';
import type { MonitorClient } from '../../../monitor/rpc/client.ts';
import { bounds, methods } from '../../../monitor/rpc/protocol.ts';
import type { MethodName } from '../../../monitor/rpc/protocol.ts';
import { serveMonitor } from '../../../monitor/rpc/server.ts';
import { historySeries } from '../../../monitor/rpc/service/service-history.ts';
import { silentLogger } from '../../../monitor/runtime/logger.ts';
import { failed } from '../../../monitor/runtime/result.ts';
import { createFakeService, idOf } from './fake-service.ts';
import type { FakeService } from './fake-service.ts';
import { createPortPair } from './port-pair.ts';

async function connected(): Promise<{ client: MonitorClient; service: FakeService }> {
  const service = createFakeService();
  const ports = createPortPair();
  serveMonitor(service, ports.server, {
    program: '0.1.0',
    engineId: 'ENGINE-1',
    logger: silentLogger,
  });
  const client = await createMonitorClient(ports.client, { program: '0.1.0' });
  if (!client.ok) throw new Error(client.error);
  return { client: client.value, service };
}

const history = {
  workload: 'agents/builder',
  from: 0,
  to: 60_000,
  resolution: 'second',
  series: ['cpuCores', 'pids'],
} as const;

test('What the record tells arrives as it was told: gaps, ranges, undefined members.', async () => {
  const { client, service } = await connected();
  expect(await client.history(history)).toEqual(service.history(history));
  const timeline = { workload: 'agents/builder', limit: 3 };
  expect(await client.timeline(timeline)).toEqual(service.timeline(timeline));
  const decisions = { finding: 'f1', limit: 3 };
  expect(await client.decisions(decisions)).toEqual(service.decisions(decisions));
  expect(await client.settings()).toEqual({ ok: true, value: service.settings() });
  expect(await client.policyText()).toEqual({ ok: true, value: service.policyText() });
});

test('A record that cannot be read arrives as such: it is no empty list.', async () => {
  const { client, service } = await connected();
  const refusal = failed({
    kind: 'record-failed' as const,
    message: 'It is locked.',
    advice: 'Wait.',
  });
  service.brokenRecord = refusal.error;
  service.decisions = () => refusal;
  service.timeline = () => refusal;
  service.history = () => refusal;
  expect(await client.actions({ limit: 3 })).toEqual(refusal);
  expect(await client.decisions({ limit: 3 })).toEqual(refusal);
  expect(await client.timeline({ workload: 'agents/builder', limit: 3 })).toEqual(refusal);
  expect(await client.history(history)).toEqual(refusal);
});

test('A process list arrives, and so does why there is none.', async () => {
  const { client, service } = await connected();
  for (const container of [idOf('b0b0'), idOf('d0d0')]) {
    expect(await client.processes({ container })).toEqual(await service.processes({ container }));
  }
});

test('How a container was made arrives, and so does why it cannot be told.', async () => {
  const { client, service } = await connected();
  for (const container of [idOf('b0b0'), idOf('d0d0')]) {
    expect(await client.containerFacts({ container })).toEqual(
      await service.containerFacts({ container }),
    );
  }
});

test('What is watched is changed, and an engine is tried before it is.', async () => {
  const { client, service } = await connected();
  const nothing = { names: [], images: [], composeProjects: [], labels: [] };
  const selection = {
    only: { ...nothing, names: ['agent-*'], labels: [{ key: 'team', pattern: true as const }] },
    exclude: nothing,
  };
  expect(await client.setSelection(selection)).toEqual({ ok: true, value: service.settings() });
  expect(service.settings().selection).toEqual(selection);
  for (const endpoint of ['unix:///run/second.sock', 'unix:///run/absent.sock']) {
    expect(await client.tryEngine({ endpoint })).toEqual(await service.tryEngine({ endpoint }));
  }
});

test('What a person says of findings is answered with all that was said, or why not.', async () => {
  const { client } = await connected();
  expect(await client.acknowledge({ finding: 'f1' })).toEqual({
    ok: true,
    value: { words: [{ says: 'normal', finding: 'f1', at: 5 }], mutes: [] },
  });
  const mute = { workload: 'w', kind: 'drift' } as const;
  expect(await client.mute({ ...mute, forMs: 60_000 })).toMatchObject({
    value: { mutes: [{ ...mute, until: 60_010 }] },
  });
  expect(await client.unmute(mute)).toMatchObject({ value: { mutes: [] } });
  expect(await client.unacknowledge({ finding: 'f1' })).toMatchObject({
    value: { words: [] },
  });
  expect(await client.acknowledge({ finding: 'nothing' })).toMatchObject({
    ok: false,
    error: { kind: 'unknown-finding', advice: 'Look.' },
  });
});

test('A policy is checked, saved, tried and switched; a refusal arrives whole.', async () => {
  const { client } = await connected();
  const long = 'x'.repeat(bounds.policyLength);
  expect(await client.checkPolicy({ text: long })).toEqual({
    ok: true,
    value: {
      problems: [{ severity: 'error', line: long.length, column: undefined, message: 'Wrong.' }],
    },
  });
  expect(await client.savePolicy({ text: long })).toMatchObject({ ok: true });
  expect(await client.savePolicy({ text: '', basedOn: null })).toEqual({
    ok: false,
    error: { kind: 'changed-meanwhile', message: 'Changed.', advice: 'Look.', problems: [] },
  });
  const hash = 'b'.repeat(64);
  expect(await client.policyVersion({ hash })).toEqual({ ok: true, value: { text: hash } });
  expect(await client.previewPolicy({ text: '', from: 1, to: 2 })).toMatchObject({
    ok: true,
    value: { from: 1, to: 2, findings: 2, leftOut: 1, problems: ['one'] },
  });
  for (const mode of ['enforce', 'observe'] as const) {
    expect(await client.setRuleMode({ rule: 'tell', mode })).toMatchObject({
      value: { rules: [{ name: 'tell', mode }] },
    });
    expect(await client.setRuleMode({ mode })).toMatchObject({
      value: { rules: [{ name: 'all', mode }] },
    });
  }
});

test('The budget of alarms is read and set; a direction that is wrong is refused.', async () => {
  const { client } = await connected();
  expect(await client.alarms()).toMatchObject({ ok: true, value: { alarmsPerDay: 1 } });
  const raised = await client.setAlarmBudget({ alarmsPerDay: 5, direction: 'raise' });
  expect(raised).toMatchObject({ ok: true, value: { alarmsPerDay: 5, workloads: [{ told: 2 }] } });
  expect(await client.setAlarmBudget({ alarmsPerDay: 2, direction: 'raise' })).toEqual({
    ok: false,
    error: { kind: 'wrong-direction', message: 'It is not.', advice: 'Look.' },
  });
  const lowered = await client.setAlarmBudget({ alarmsPerDay: 0.2, direction: 'lower' });
  expect(lowered).toMatchObject({ ok: true, value: { alarmsPerDay: 0.2 } });
  expect(await client.markFalse({ finding: 'f' })).toMatchObject({
    value: { words: [{ says: 'false-alarm', finding: 'f' }] },
  });
  expect(await client.unmarkFalse({ finding: 'f' })).toMatchObject({ value: { words: [] } });
});

test('Retention is set and answered.', async () => {
  const { client } = await connected();
  const retention = { days: 30, megabytes: 100 };
  expect(await client.setRetention(retention)).toMatchObject({ ok: true, value: { retention } });
});

test('What would be taken away, and what became of it, comes across whole.', async () => {
  const { client, service } = await connected();
  expect(await client.disarmList()).toEqual({ ok: true, value: await service.disarmList() });
  expect(await client.disarm()).toEqual({ ok: true, value: await service.disarm() });
});

test('An answer that is none of the method is garbage, and not passed on.', async () => {
  const { client, service } = await connected();
  service.history = () =>
    JSON.parse('{"ok":true,"value":{"at":["yesterday"],"series":[]}}') as never;
  expect(await client.history(history)).toMatchObject({ ok: false, error: { kind: 'garbage' } });
  service.acknowledge = () => JSON.parse('{"ok":true}') as never;
  expect(await client.acknowledge({ finding: 'f' })).toMatchObject({
    ok: false,
    error: { kind: 'garbage' },
  });
});

const refused: readonly (readonly [MethodName, unknown])[] = [
  ['history', { ...history, to: 0 }],
  ['history', { ...history, series: [] }],
  ['history', { ...history, series: ['pids', 'pids'] }],
  ['history', { ...history, series: ['passwords'] }],
  ['history', { ...history, resolution: 'day' }],
  ['history', { ...history, from: -1 }],
  ['history', { ...history, to: Number.NaN }],
  ['timeline', { workload: 'w', limit: 1001 }],
  ['timeline', { workload: '', limit: 1 }],
  ['decisions', { limit: 0 }],
  ['processes', { container: 'b0b0' }],
  ['processes', { container: '../'.padEnd(64, '0') }],
  ['acknowledge', { finding: 'f'.repeat(1025) }],
  ['unmarkFalse', { finding: '' }],
  ['raiseAlarmBudget', { alarmsPerDay: 0 }],
  ['lowerAlarmBudget', { alarmsPerDay: 101 }],
  ['lowerAlarmBudget', { alarmsPerDay: 'none' }],
  ['acknowledge', { finding: 'f', force: true }],
  ['mute', { workload: 'w', kind: 'everything', forMs: 60_000 }],
  ['mute', { workload: 'w', kind: 'drift', forMs: 59_999 }],
  ['mute', { workload: 'w', kind: 'drift', forMs: 31 * 86_400_000 }],
  ['savePolicy', { text: 'x'.repeat(bounds.policyLength + 1) }],
  ['savePolicy', { text: '', basedOn: 'abc' }],
  ['savePolicy', { text: '', path: '/etc/passwd' }],
  ['policyVersion', { hash: 'A'.repeat(64) }],
  ['previewPolicy', { text: '', from: 2, to: 1 }],
  ['enforce', { rule: '' }],
  ['setRetention', { days: 0, megabytes: 100 }],
  ['setRetention', { days: 1.5, megabytes: 100 }],
  ['setRetention', { days: 1, megabytes: 901 }],
];

test.each(refused)('%s does not take %j.', (name, params) => {
  expect(methods[name].params.safeParse(params).success).toBe(false);
});

test('Every series and a whole year are taken.', () => {
  const year = { ...history, to: 365 * 86_400_000, series: [...historySeries] };
  expect(methods.history.params.safeParse(year).success).toBe(true);
});

test('What gives freedom or silence is marked as loosening, what takes it back as tightening.', () => {
  const effects = Object.entries(methods).map(([name, { effect }]) => [effect, name]);
  const named = (wanted: string) =>
    effects.flatMap(([effect, name]) => (effect === wanted ? name : []));
  expect(named('loosens')).toEqual([
    'resume',
    'release',
    'egressAllow',
    'egressAsk',
    'egressObserve',
    'egressOff',
    'egressRemove',
    'egressSave',
    'egressPreset',
    'egressProfile',
    'egressImport',
    'egressUndo',
    'egressHeldAllow',
    'egressErase',
    'egressLift',
    'acknowledge',
    'markFalse',
    'mute',
    'savePolicy',
    'observe',
    'lowerAlarmBudget',
    'setRetention',
    'setSelection',
    'disarm',
  ]);
  expect(named('tightens')).toEqual([
    'pause',
    'kill',
    'quarantine',
    'egressDeny',
    'egressEnforce',
    'egressHeldDeny',
    'egressHeldRefuse',
    'egressHeldDefer',
    'egressLockdown',
    'unacknowledge',
    'unmarkFalse',
    'unmute',
    'enforce',
    'raiseAlarmBudget',
  ]);
});

test('A lock down, its end and an erased record arrive as they were told.', async () => {
  const { client, service } = await connected();
  const request = { from: 'tray' } as const;
  expect(await client.egressLockdown(request)).toEqual(await service.egressLockdown(request));
  expect(await client.egressLift({})).toEqual(await service.egressLift({}));
  expect(await client.egressErase({})).toEqual(service.egressErase({}));
  expect(methods.egressLockdown.effect).toBe('tightens');
  expect(methods.egressLift.effect).toBe('loosens');
  expect(methods.egressErase.effect).toBe('loosens');
});
