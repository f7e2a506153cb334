import { expect, test } from 'vitest';
import { agent, history, Lines, openStage, refusal } from './stage.ts';

const everything = { filters: JSON.stringify({ type: ['container', 'network'] }) };

test('tells what happens while it happens, with the fields of old and new clients', async () => {
  const labels = { 'com.docker.compose.service': 'coder' };
  await using stage = await openStage([agent('coder', { labels })], { apiVersion: '1.41' });
  const lines = new Lines(await stage.docker.getEvents(everything));
  await stage.simulator.advance(1_000);
  await stage.docker.getContainer('coder').pause();
  const id = stage.simulator.idOf('coder');
  const line = (await lines.next()) ?? '';
  expect(JSON.parse(line)).toMatchObject({
    status: 'pause',
    id,
    from: 'agent:1',
    Type: 'container',
    Action: 'pause',
    Actor: { ID: id, Attributes: { ...labels, image: 'agent:1', name: 'coder' } },
    scope: 'local',
    time: stage.simulator.now() / 1_000,
  });
  expect(line).toContain(`"timeNano":${stage.simulator.now()}000000}`);
  lines.close();
});

test('tells again what was missed, from the very moment given', async () => {
  await using stage = await openStage([agent('coder')]);
  await stage.simulator.advance(5_000);
  const container = stage.docker.getContainer('coder');
  await container.pause();
  await container.unpause();
  const since = `${stage.simulator.now() / 1_000}.000000001`;
  const lines = new Lines(await stage.docker.getEvents({ since: Number(since), ...everything }));
  expect(await lines.next()).toContain('"Action":"pause"');
  expect(await lines.next()).toContain('"Action":"unpause"');
  await container.pause();
  expect(await lines.next()).toContain('"Action":"pause"');
  lines.close();
});

test('remembers the last 256 events and no more', async () => {
  await using stage = await openStage([agent('coder')]);
  await stage.simulator.faults.burst(300, 'resize');
  const events = await history(stage);
  expect(events).toHaveLength(256);
  expect(new Set(events.map(({ Action }) => Action))).toEqual(new Set(['resize']));
});

test('no two events have the same time, also in a burst', async () => {
  await using stage = await openStage([agent('coder')]);
  const lines = new Lines(await stage.docker.getEvents(everything));
  await stage.simulator.faults.burst(10_000);
  const times = new Set<string>();
  for (let count = 0; count < 10_000; count += 1) {
    times.add(/"timeNano":(\d+)/.exec((await lines.next()) ?? '')?.[1] ?? '');
  }
  expect(times.size).toBe(10_000);
  expect(stage.simulator.droppedLines()).toBe(0);
  lines.close();
});

test('filters by type, event, container and label', async () => {
  await using stage = await openStage([agent('one', { labels: { role: 'a' } }), agent('two')]);
  const ask = async (filters: object): Promise<string[]> => {
    const until = (stage.simulator.now() + 1) / 1_000;
    const lines = new Lines(
      await stage.docker.getEvents({ since: 0, until, filters: JSON.stringify(filters) }),
    );
    await stage.simulator.advance(1);
    const actions: string[] = [];
    for (let line = await lines.next(); line !== undefined; line = await lines.next()) {
      actions.push(/"Action":"([^"]+)"/.exec(line)?.[1] ?? '');
    }
    return actions;
  };
  expect(await ask({ type: ['network'] })).toEqual(['connect', 'connect']);
  expect(await ask({ event: ['start'] })).toEqual(['start', 'start']);
  expect(await ask({ container: ['two'] })).toEqual(['create', 'start']);
  expect(await ask({ label: ['role=a'] })).toEqual(['create', 'start']);
  expect(await ask({ type: { container: true }, event: { create: true } })).toHaveLength(2);
  expect(await refusal(stage.docker.getEvents({ since: 5, until: 1 }))).toMatchObject({
    status: 400,
  });
});

test('a health check runs at its interval and is told like any exec', async () => {
  const healthCheck = { command: '/bin/sh -c redis-cli ping', intervalSeconds: 30 };
  await using stage = await openStage([agent('queue', { agent: 'idle', healthCheck })]);
  await stage.simulator.advance(65_000);
  const actions = (await history(stage)).map(({ Action }) => Action);
  expect(actions.slice(3)).toEqual([
    'exec_create: /bin/sh -c redis-cli ping',
    'exec_start: /bin/sh -c redis-cli ping',
    'exec_die',
    'health_status: healthy',
    'exec_create: /bin/sh -c redis-cli ping',
    'exec_start: /bin/sh -c redis-cli ping',
    'exec_die',
  ]);
  const { State } = await stage.docker.getContainer('queue').inspect();
  expect(State.Health?.Status).toBe('healthy');
});
