import { expect, test, vi } from 'vitest';
import { createWatch } from '../../main/picture/watch.ts';
import type { MonitorClient, Subscriber } from '../../monitor/rpc/client.ts';
import { ok } from '../../monitor/runtime/result.ts';
import type { Result } from '../../monitor/runtime/result.ts';
import type { MonitorSnapshot } from '../../monitor/rpc/service/service.ts';
import { idOf, noon, snapshot, view } from '../renderer/fixtures.ts';

/** A watch that follows the client, and what it tells. */
function following(client: MonitorClient) {
  const told: string[] = [];
  const watch = createWatch({
    onEvent: ({ kind }) => told.push(kind),
    onLost: (count) => told.push(`lost ${count}`),
    onChange: () => undefined,
  });
  watch.follow(client);
  return { watch, told };
}

test('What is told while a monitor is asked once more is not undone by its answer, which is older.', async () => {
  const late = Promise.withResolvers<Result<MonitorSnapshot, never>>();
  let subscriber: Subscriber | undefined;
  let asked = 0;
  const client = {
    subscribe(next: Subscriber) {
      subscriber = next;
      return Promise.resolve(ok(undefined));
    },
    snapshot() {
      asked += 1;
      return asked === 1 ? Promise.resolve(ok(snapshot([view(1)]))) : late.promise;
    },
    findings: () => Promise.resolve(ok([])),
  } as unknown as MonitorClient;
  const { watch, told } = following(client);
  const known = () => [...(watch.picture()?.workloads.keys() ?? [])];
  await vi.waitFor(() => expect(known()).toEqual([idOf(1)]));

  subscriber?.onLost(3);
  subscriber?.onEvent({ kind: 'workload', at: noon, change: 'appeared', view: view(2) });
  late.resolve(ok(snapshot([view(1), view(3)])));
  await vi.waitFor(() => expect(known()).toEqual([idOf(1), idOf(3), idOf(2)]));
  // Each is told once, however often it is taken in.
  expect(told).toEqual(['lost 3', 'workload']);
});

test.each(['subscribe', 'snapshot', 'findings'] as const)(
  'A monitor that was too slow to answer %s is asked again, and what it told meanwhile is not lost.',
  async (slow) => {
    vi.useFakeTimers();
    try {
      let subscriber: Subscriber | undefined;
      const asked = { subscribe: 0, snapshot: 0, findings: 0 };
      const answer = <Value>(name: keyof typeof asked, value: Value) => {
        asked[name] += 1;
        const isSlow = name === slow && asked[name] <= 2;
        const tooSlow = { ok: false, error: { kind: 'timeout', message: 'Too slow.' } } as const;
        return Promise.resolve(isSlow ? tooSlow : ok(value));
      };
      const client = {
        subscribe(next: Subscriber) {
          subscriber = next;
          return answer('subscribe', undefined);
        },
        snapshot: () => answer('snapshot', snapshot([view(1)])),
        findings: () => answer('findings', []),
      } as unknown as MonitorClient;
      const { watch, told } = following(client);
      await vi.advanceTimersByTimeAsync(10);
      subscriber?.onEvent({ kind: 'workload', at: noon, change: 'appeared', view: view(2) });
      subscriber?.onLost(1);
      await vi.advanceTimersByTimeAsync(4000);
      expect([...(watch.picture()?.workloads.keys() ?? [])]).toEqual([idOf(1), idOf(2)]);
      expect(told).toEqual(['lost 1', 'workload']);
      expect(asked[slow]).toBe(3);
      // One that is followed no more is asked no more.
      watch.follow(undefined);
      await vi.advanceTimersByTimeAsync(20_000);
      expect(asked[slow]).toBe(3);
    } finally {
      vi.useRealTimers();
    }
  },
);
