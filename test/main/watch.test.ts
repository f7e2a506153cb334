import { expect, test, vi } from 'vitest';
import { createWatch } from '../../main/picture/watch.ts';
import type { MonitorClient, Subscriber } from '../../monitor/rpc/client.ts';
import { ok } from '../../monitor/runtime/result.ts';
import type { Result } from '../../monitor/runtime/result.ts';
import type { MonitorSnapshot } from '../../monitor/rpc/service/service.ts';
import { idOf, noon, snapshot, view } from '../renderer/fixtures.ts';

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
  const told: string[] = [];
  const watch = createWatch({
    onEvent: ({ kind }) => told.push(kind),
    onLost: (count) => told.push(`lost ${count}`),
    onChange: () => undefined,
  });
  watch.follow(client);
  const known = () => [...(watch.picture()?.workloads.keys() ?? [])];
  await vi.waitFor(() => expect(known()).toEqual([idOf(1)]));

  subscriber?.onLost(3);
  subscriber?.onEvent({ kind: 'workload', at: noon, change: 'appeared', view: view(2) });
  late.resolve(ok(snapshot([view(1), view(3)])));
  await vi.waitFor(() => expect(known()).toEqual([idOf(1), idOf(3), idOf(2)]));
  // Each is told once, however often it is taken in.
  expect(told).toEqual(['lost 3', 'workload']);
});
