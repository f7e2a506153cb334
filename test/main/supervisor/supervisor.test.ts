import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startMonitorProcess } from '../../../main/supervisor/monitor-process.ts';
import { restartBounds, restartStep } from '../../../main/supervisor/restart-plan.ts';
import { startSupervisor } from '../../../main/supervisor/supervisor.ts';
import type { Supervisor, SupervisorOptions } from '../../../main/supervisor/supervisor.ts';
import type { ElectronApi } from '../../../main/electron.ts';
import type { MonitorClient } from '../../../monitor/rpc/client.ts';
import { systemClock } from '../../../monitor/runtime/clock.ts';
import { failed, ok } from '../../../monitor/runtime/result.ts';
import type { MonitorState } from '../../../preload/shell.ts';
import { createHostUtilityProcesses } from '../../host/utility-process.ts';

const monitorEntry = join(import.meta.dirname, '../../../monitor/process.ts');

let folder: string;
let states: MonitorState[];
let supervisor: Supervisor;
let children: ReturnType<typeof createHostUtilityProcesses>;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sentra-supervisor-'));
  states = [];
  children = createHostUtilityProcesses(() => true);
});

afterEach(async () => {
  await supervisor.stop();
  await children.killAll();
  rmSync(folder, { recursive: true, force: true });
});

function supervise(entry: string): void {
  supervisor = startSupervisor({
    start: () =>
      startMonitorProcess({
        electron: { utilityProcess: children.utilityProcess } as ElectronApi,
        entry,
        flags: [],
        environment: { ...process.env, SENTRA_STATE: folder, XDG_RUNTIME_DIR: folder },
        program: 'test',
        monitor: { simulate: true },
        onOutput: () => undefined,
      }),
    attach: () => Promise.resolve(failed('There is none.')),
    clock: systemClock,
    random: () => 0,
    onState: (state) => states.push(state),
  });
}

async function reached(wanted: MonitorState['state'], after = 0): Promise<MonitorState> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const found = states.slice(after).find(({ state }) => state === wanted);
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`Never ${wanted}: ${JSON.stringify(states)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const pid = (): number => children.pids('sentra-monitor')[0] ?? 0;

describe('A supervisor', () => {
  test('starts a monitor that was killed again, and ends the calls that waited for it.', async () => {
    supervise(monitorEntry);
    await reached('running');
    const first = pid();
    const client = supervisor.client();
    // Stopped, it answers nothing; killed then, it takes the question with it.
    process.kill(first, 'SIGSTOP');
    const waiting = client?.snapshot();
    process.kill(first, 'SIGKILL');
    expect(await waiting).toMatchObject({ ok: false, error: { kind: 'closed' } });
    expect(await reached('restarting')).toMatchObject({ attempt: 1 });
    expect(supervisor.client()).toBeUndefined();
    await reached(
      'running',
      states.findIndex(({ state }) => state === 'restarting'),
    );
    expect(pid()).not.toBe(first);
    expect((await supervisor.client()?.snapshot())?.ok).toBe(true);
  }, 120_000);

  test('stops a monitor cleanly: nothing of it runs afterwards.', async () => {
    supervise(monitorEntry);
    await reached('running');
    await supervisor.stop();
    expect(children.pids('sentra-monitor')).toEqual([]);
    expect(states.at(-1)?.state).toBe('running');
  }, 120_000);

  test('rests when a person wants it, with the reason, and begins anew only when asked.', async () => {
    supervise(monitorEntry);
    await reached('running');
    await supervisor.rest('Hands off.', 'Start it again.');
    expect(states.at(-1)).toMatchObject({
      state: 'stopped',
      reason: 'Hands off.',
      advice: 'Start it again.',
    });
    expect(children.pids('sentra-monitor')).toEqual([]);
    expect(supervisor.client()).toBeUndefined();
    await new Promise((resolve) => setTimeout(resolve, 2 * restartBounds.firstMs));
    expect(states.at(-1)).toMatchObject({ state: 'stopped' });
    await supervisor.restart();
    const rested = states.findIndex(({ state }) => state === 'stopped');
    expect(await reached('running', rested)).toBeDefined();
  }, 120_000);

  test('says that nothing is watched where what it starts cannot run, and begins anew when asked.', async () => {
    const broken = join(folder, 'broken.mjs');
    writeFileSync(broken, 'process.exit(3);');
    supervise(broken);
    expect(await reached('restarting')).toMatchObject({ attempt: 1 });
    await supervisor.restart();
    expect(states.at(-1)?.state).toBe('starting');
  }, 120_000);

  test('ends what talks nonsense in place of the protocol.', async () => {
    const garbage = join(folder, 'garbage.mjs');
    writeFileSync(
      garbage,
      `process.parentPort.on('message', () => process.parentPort.postMessage({ type: 'hello' }));`,
    );
    supervise(garbage);
    await reached('restarting');
    expect(supervisor.client()).toBeUndefined();
  }, 120_000);
});

/** Of monitors that end only when it is `gone`, however they are stopped. */
function superviseOneThatLingers() {
  const gone = Promise.withResolvers<undefined>();
  let begun = 0;
  supervisor = startSupervisor({
    start() {
      begun += 1;
      return {
        ready: new Promise(() => undefined),
        exited: gone.promise,
        stop: () => gone.promise,
      };
    },
    attach: () => Promise.resolve(failed('There is none.')),
    clock: systemClock,
    random: () => 0,
    onState: () => undefined,
  });
  return { gone, begun: () => begun };
}

test('Another monitor is begun only when the one before is gone, however often it is asked for.', async () => {
  const { gone, begun } = superviseOneThatLingers();
  void supervisor.restart();
  const second = supervisor.restart();
  await new Promise((resolve) => setImmediate(resolve));
  expect(begun()).toBe(1);
  gone.resolve(undefined);
  await second;
  expect(begun()).toBe(2);
});

test('The end waits for a monitor that is being ended already.', async () => {
  const { gone } = superviseOneThatLingers();
  const restarted = supervisor.restart();
  let isOver = false;
  const stopped = supervisor.stop().then(() => {
    isOver = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(isOver).toBe(false);
  gone.resolve(undefined);
  await Promise.all([restarted, stopped]);
});

/** Of monitors of which the first few find the engine taken, by one that says so or not. */
function superviseBesideAnother(taken: number, attach: SupervisorOptions['attach']) {
  let begun = 0;
  const client = () => ({ closed: new Promise(() => undefined) }) as MonitorClient;
  const failure = {
    kind: 'already-running',
    message: 'Taken.',
    advice: '',
    engineId: 'E',
  } as const;
  supervisor = startSupervisor({
    start() {
      begun += 1;
      return {
        ready: Promise.resolve(begun > taken ? ok(client()) : failed(failure)),
        exited: Promise.resolve(),
        stop: () => Promise.resolve(),
      };
    },
    attach,
    clock: systemClock,
    random: () => 0,
    onState: (state) => states.push(state),
  });
}

test('Another monitor that was there before is shown until it ends; then there is one of its own.', async () => {
  const closed = Promise.withResolvers<string>();
  const asked: string[] = [];
  superviseBesideAnother(1, (engineId) => {
    asked.push(engineId);
    const client = { closed: closed.promise, close: () => undefined } as MonitorClient;
    return Promise.resolve(ok({ client, pid: 4711 }));
  });
  expect(await reached('running')).toMatchObject({ attachedTo: 4711 });
  expect(asked).toEqual(['E']);
  closed.resolve('It was stopped.');
  expect(await reached('restarting')).toMatchObject({ reason: 'It was stopped.' });
  const own = await reached(
    'running',
    states.findIndex(({ state }) => state === 'restarting'),
  );
  expect(own).not.toHaveProperty('attachedTo');
});

test('One that is just ending is waited for; that nothing is watched is not told for it.', async () => {
  superviseBesideAnother(1, () => Promise.resolve(failed('It is ending.')));
  await reached('running');
  expect(states.map(({ state }) => state)).toEqual(['running']);
});

test('What was reached is left when the supervisor stops.', async () => {
  const left = Promise.withResolvers<undefined>();
  const client = {
    closed: new Promise(() => undefined),
    close: () => left.resolve(undefined),
  } as unknown as MonitorClient;
  superviseBesideAnother(1, () => Promise.resolve(ok({ client, pid: 4711 })));
  await reached('running');
  await supervisor.stop();
  await left.promise;
});

describe('The plan of restarts', () => {
  test('waits longer each time, with jitter over the upper half, and gives up at last.', () => {
    const waits = Array.from({ length: restartBounds.most }, (_, index) => {
      const ends = Array.from({ length: index + 1 }, (_each, at) => at * 1000);
      return [restartStep(ends, 0), restartStep(ends, 0.999)] as const;
    });
    const range = waits.map(([low, high]) => [
      low.kind === 'restart' ? low.waitMs : 0,
      high.kind === 'restart' ? Math.round(high.waitMs) : 0,
    ]);
    expect(range.slice(0, 3)).toEqual([
      [125, 250],
      [250, 500],
      [500, 1000].map((wait) => (wait === 1000 ? Math.round(500 + 500 * 0.999) : wait)),
    ]);
    const tooMany = Array.from({ length: restartBounds.most + 1 }, (_, at) => at * 1000);
    expect(restartStep(tooMany, 0)).toEqual({ kind: 'give-up', ends: restartBounds.most + 1 });
  });

  test('forgets what is long over.', () => {
    const ends = [0, 1, 2, 3, 4, 5, 6, restartBounds.windowMs * 3];
    expect(restartStep(ends, 0)).toMatchObject({ kind: 'restart', attempt: 1 });
  });
});
