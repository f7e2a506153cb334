import { describe, expect, test, vi } from 'vitest';
import type { MonitorEvent } from '../../renderer/state/model.ts';
import { createStore } from '../../renderer/state/store.ts';
import { createFakeBridge, type Replies, type ToldEvent } from './fake-bridge.ts';
import { action, calmShell, finding, idOf, noon, reading, snapshot, view } from './fixtures.ts';

const ok = <Value>(value: Value) => ({ ok: true as const, value });

async function started(replies: Replies = {}) {
  const fake = createFakeBridge(replies);
  const store = createStore(fake.bridge);
  await store.start();
  await vi.waitFor(() => expect(store.getState().monitor).toBeDefined());
  const asked = (name: string) => fake.calls.filter((call) => call.name === name).length;
  await vi.waitFor(() => expect(asked('actions')).toBeGreaterThan(0));
  return { fake, store, asked };
}

const batch = (at: number): ToldEvent => ({
  kind: 'monitor',
  event: {
    kind: 'observations',
    at,
    observations: [reading(1, at, 0.7)],
    cost: { cpuCores: 0, residentBytes: 0 },
    leftOut: 0,
  },
});

describe('The store', () => {
  test('It reads everything once, and then only listens.', async () => {
    const { fake, store, asked } = await started({ findings: () => ok([finding(1)]) });
    await vi.waitFor(() => expect(store.getState().findings.size).toBe(1));
    fake.tell(batch(noon + 1000));
    fake.tell(batch(noon + 2000));
    expect(store.getState().workloads.get(idOf(1))?.resource?.cpuCores).toBe(0.7);
    expect(store.series.of(idOf(1))?.cpu.at(-1)).toBeCloseTo(0.7);
    expect(asked('snapshot')).toBe(1);
  });

  test('What is open is read however many newer ones are over.', async () => {
    const held = finding(1, { at: noon - 86_400_000 });
    const over = finding(2, { status: 'closed' });
    const { store } = await started({
      findings: ({ status }: { readonly status?: string }) => ok([status === 'open' ? held : over]),
    });
    await vi.waitFor(() => expect(store.getState().findings.size).toBe(2));
    expect([...store.getState().findings.keys()]).toEqual([held.id, over.id]);
  });

  test('When something was lost on the way, everything is read anew.', async () => {
    const { fake, asked } = await started();
    fake.tell(batch(noon + 1000));
    fake.tell(batch(noon + 9000), 3);
    await vi.waitFor(() => expect(asked('snapshot')).toBe(2));
  });

  test('What is told on the way is not undone by an answer that is older.', async () => {
    const answer = Promise.withResolvers<ReturnType<typeof ok<ReturnType<typeof snapshot>>>>();
    const records = Promise.withResolvers<ReturnType<typeof ok<never[]>>>();
    let asked = 0;
    const { fake, store } = await started({
      snapshot: () => {
        asked += 1;
        return asked === 1 ? ok(snapshot([view(1)])) : answer.promise;
      },
      findings: () => (asked === 1 ? ok([]) : records.promise),
    });
    const tell = (event: MonitorEvent) => fake.tell({ kind: 'monitor', event });
    fake.tell({
      kind: 'shell',
      shell: { ...calmShell, monitor: { state: 'running', since: noon + 5000 } },
    });
    await vi.waitFor(() => expect(asked).toBe(2));
    tell({ kind: 'workload', at: noon + 5001, change: 'appeared', view: view(2) });
    tell({ kind: 'workload', at: noon + 5002, change: 'gone', view: view(1) });
    answer.resolve(ok(snapshot([view(1), view(3)])));
    await vi.waitFor(() => expect(store.getState().workloads.has(idOf(3))).toBe(true));
    expect([...store.getState().workloads.keys()].sort()).toEqual([idOf(2), idOf(3)].sort());
    tell({ kind: 'finding', at: noon + 5003, finding: finding(2) });
    records.resolve(ok([]));
    await new Promise((resolve) => setImmediate(resolve));
    expect([...store.getState().findings.keys()]).toEqual([finding(2).id]);
  });

  test('A snapshot that was promised and did not come is asked for.', async () => {
    const fake = createFakeBridge({
      subscribe: () => ok({ shell: calmShell, snapshot: 'follows' as const }),
    });
    const store = createStore(fake.bridge);
    await store.start();
    await vi.waitFor(() => expect(store.getState().monitor).toBeDefined());
  });

  test.each(['snapshot', 'findings', 'actions'] as const)(
    'When the monitor is too slow to tell its %s after a loss, it is asked again.',
    async (slow) => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      // Of findings the open ones and the latest are read.
      const each = slow === 'findings' ? 2 : 1;
      try {
        const error = { kind: 'timeout', message: 'Too slow.' } as const;
        let isSlow = false;
        const answer = (name: typeof slow, value: unknown) => () =>
          (slow === name && isSlow ? { ok: false, error } : ok(value)) as never;
        const { fake, store, asked } = await started({
          snapshot: answer('snapshot', snapshot([view(1)])),
          findings: answer('findings', [finding(1)]),
          actions: answer('actions', [action(1)]),
        });
        store.send({ kind: 'snapshot', snapshot: snapshot([]) });
        store.send({ kind: 'findings', findings: [] });
        store.send({ kind: 'actions', actions: [] });
        isSlow = true;
        fake.tell({ kind: 'lost', count: 3 });
        await vi.waitFor(() => expect(asked(slow)).toBe(2 * each));
        isSlow = false;
        await vi.waitFor(() => expect(asked(slow)).toBe(3 * each), 10_000);
        await vi.waitFor(() => {
          const { workloads, findings, actions } = store.getState();
          expect([workloads.size, findings.size, actions.length]).toEqual([1, 1, 1]);
        });
        await vi.advanceTimersByTimeAsync(20_000);
        expect(asked(slow)).toBe(3 * each);
      } finally {
        vi.useRealTimers();
      }
    },
  );

  test('What the shell tells while the window opens is not undone by how it stood before.', async () => {
    const fake = createFakeBridge();
    const store = createStore(fake.bridge);
    const opened = store.start();
    fake.tell({ kind: 'shell', shell: { ...calmShell, lookBackDue: true } });
    await opened;
    expect(store.getState().shell?.lookBackDue).toBe(true);
    await vi.waitFor(() => expect(store.getState().monitor).toBeDefined());
  });

  test('When the monitor has been away and is back, everything is read anew.', async () => {
    const { fake, store, asked } = await started();
    const reason = 'It ended.';
    fake.tell({
      kind: 'shell',
      shell: {
        ...calmShell,
        monitor: { state: 'restarting', since: noon, reason, attempt: 1, nextAt: noon },
      },
    });
    expect(store.getState().shell?.monitor.state).toBe('restarting');
    fake.tell({
      kind: 'shell',
      shell: { ...calmShell, monitor: { state: 'running', since: noon + 5000 } },
    });
    await vi.waitFor(() => expect(asked('snapshot')).toBe(2));
  });

  test('What a monitor that died never answers does not keep the next one from being read.', async () => {
    let asked = 0;
    const { fake, store } = await started({
      findings() {
        asked += 1;
        return asked === 1 ? new Promise(() => undefined) : ok([finding(1)]);
      },
    });
    expect(store.getState().findings.size).toBe(0);
    fake.tell({
      kind: 'shell',
      shell: { ...calmShell, monitor: { state: 'running', since: noon + 5000 } },
    });
    await vi.waitFor(() => expect(store.getState().findings.size).toBe(1));
  });

  test('Several events are shown in one go.', async () => {
    const { fake, store } = await started();
    const listener = vi.fn();
    store.subscribe(listener);
    for (let second = 1; second <= 20; second += 1) fake.tell(batch(noon + second * 1000));
    await vi.waitFor(() => expect(listener).toHaveBeenCalled());
    expect(listener.mock.calls.length).toBeLessThan(5);
  });
});

describe('Deeds', () => {
  test('What tightens is done at once, and answered with its proof.', async () => {
    const { fake, store } = await started();
    store.request('pause', idOf(1));
    expect(store.getState().pending.get(idOf(1))?.action).toBe('pause');
    await vi.waitFor(() => expect(store.getState().pending.size).toBe(0));
    expect(fake.calls.at(-1)).toEqual({ name: 'pause', params: { target: idOf(1) } });
    expect(store.getState().notes.at(-1)).toMatchObject({ tone: 'good' });
    expect(store.getState().notes.at(-1)?.text).toContain('Paused agent-1. The engine says paused');
  });

  test.each(['kill', 'resume', 'release'] as const)('%s is asked first.', async (deed) => {
    const { store, asked } = await started();
    store.request(deed, idOf(1));
    expect(store.getState().question).toEqual({ action: deed, container: idOf(1) });
    expect(asked(deed)).toBe(0);
  });

  test('While one deed is under way, another on the same container is not begun.', async () => {
    const never = new Promise<never>(() => undefined);
    const { store, asked } = await started({ pause: () => never });
    store.request('pause', idOf(1));
    store.request('quarantine', idOf(1));
    expect(asked('quarantine')).toBe(0);
  });

  test('A refusal is told with its advice, and stays.', async () => {
    const error = {
      kind: 'not-possible' as const,
      message: 'It is protected.',
      advice: 'Change the policy.',
      candidates: [],
    };
    const { store } = await started({ pause: () => ({ ok: false, error }) });
    await store.carryOut('pause', idOf(1));
    expect(store.getState().notes.at(-1)).toMatchObject({
      tone: 'alarm',
      text: 'It is protected. Change the policy.',
    });
  });

  test('What was begun and failed is an alarm, and what held in part a warning.', async () => {
    const outcomes = [
      { state: 'failed', reason: 'Not confirmed.' },
      { state: 'partly', proof: 'Paused.', holes: ['a second network'] },
    ] as const;
    const tones = [];
    for (const outcome of outcomes) {
      const { store } = await started({ pause: () => ok(action(1, { outcome })) });
      await store.carryOut('pause', idOf(1));
      tones.push(store.getState().notes.at(-1)?.tone);
    }
    expect(tones).toEqual(['alarm', 'warning']);
  });

  test('A monitor that is away answers, and the page knows why it has nothing.', async () => {
    const fake = createFakeBridge({
      snapshot: () => ({ ok: false, error: { kind: 'closed', message: 'The monitor is away.' } }),
    });
    const store = createStore(fake.bridge);
    await store.start();
    await vi.waitFor(() => expect(store.getState().failure).toBe('The monitor is away.'));
  });
});
