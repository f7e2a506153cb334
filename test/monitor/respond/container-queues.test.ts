import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createContainerQueues } from '../../../monitor/respond/container-queues.ts';

test('tasks of one container run one after the other, in order; all together stay within the bound', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ container: fc.nat({ max: 4 }), turns: fc.nat({ max: 5 }) }), {
        maxLength: 60,
      }),
      async (tasks) => {
        const queues = createContainerQueues({ parallel: 3, waitingPerContainer: 100 });
        const running = new Set<string>();
        const order = new Map<string, number[]>();
        let most = 0;
        const ended = tasks.map(({ container, turns }, index) =>
          queues.run(String(container), async () => {
            const name = String(container);
            expect(running.has(name)).toBe(false);
            running.add(name);
            most = Math.max(most, running.size);
            order.set(name, [...(order.get(name) ?? []), index]);
            for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
            running.delete(name);
          }),
        );
        expect((await Promise.all(ended)).every(({ ok }) => ok)).toBe(true);
        await queues.idle();
        expect(most).toBeLessThanOrEqual(3);
        for (const indices of order.values()) {
          expect(indices).toEqual([...indices].sort((a, b) => a - b));
        }
      },
    ),
  );
});

test('beyond the bound a task is turned away, and the others go on', async () => {
  const queues = createContainerQueues({ parallel: 1, waitingPerContainer: 2 });
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (open = resolve));
  const first = queues.run('a', () => gate);
  const waiting = [1, 2].map(() => queues.run('a', () => Promise.resolve()));
  expect(await queues.run('a', () => Promise.resolve())).toEqual({ ok: false, error: 'full' });
  open();
  expect((await Promise.all([first, ...waiting])).every(({ ok }) => ok)).toBe(true);
});

test('a task that throws ends with its error and holds nobody up', async () => {
  const queues = createContainerQueues({ parallel: 1, waitingPerContainer: 2 });
  const broken = queues.run('a', () => Promise.reject(new Error('A bug.')));
  const next = queues.run('a', () => Promise.resolve(7));
  await expect(broken).rejects.toThrow('A bug.');
  expect(await next).toEqual({ ok: true, value: 7 });
});
