import { describe, expect, test } from 'vitest';
import { explainingCarrier } from '../../../../monitor/egress/explain/explaining-carrier.ts';
import type { Carrier } from '../../../../monitor/egress/carrier/carrier.ts';
import { noCarrier } from '../../../../monitor/egress/carrier/simulated-carrier.ts';
import {
  observingPlan,
  planWall,
  type WallPlan,
} from '../../../../monitor/egress/wall/wall-plan.ts';
import { ok } from '../../../../monitor/runtime/result.ts';

const container = 'c'.repeat(64);

function planOf(mode: 'observe' | 'enforce'): WallPlan {
  if (mode === 'observe') return observingPlan;
  const plan = planWall(mode, { rules: [] }, [], []);
  if (!plan.ok) throw new Error(plan.error);
  return plan.value;
}

/** A carrier in whose network namespaces walls stand, and what it had explained where. */
function stage() {
  const inodes = new Map([
    [100, 11],
    [200, 22],
  ]);
  const reading = (pid: number) => ({
    ...{ listing: undefined, elements: [], otherTables: [], devices: ['eth0'] },
    ...{
      inode: inodes.get(pid) ?? 0,
      powers: { administers: false, sendsRaw: false },
      resolver: 'absent' as const,
    },
  });
  const made: Carrier = {
    ...noCarrier('not here'),
    read: (places) =>
      Promise.resolve(new Map(places.map(({ container: id, pid }) => [id, ok(reading(pid))]))),
    apply: ({ pid }) => Promise.resolve(ok({ ...reading(pid), sentBefore: 0 })),
    resolve: () => Promise.resolve(ok(undefined)),
    remove: () => Promise.resolve(ok(undefined)),
  };
  const said: string[] = [];
  const carrier = explainingCarrier(made, {
    enter: ({ pid, inode }) => said.push(`enter ${pid} ${inode}`),
    leave: (inode) => said.push(`leave ${inode}`),
    close: () => {
      said.push('close');
      return Promise.resolve();
    },
  });
  return { carrier, said };
}

const before = { container, pid: 100 };
const after = { container, pid: 200 };
const noLine = (): void => undefined;

describe('A refusal is explained', () => {
  test('as soon as a wall that refuses stands, and no more once it only observes.', async () => {
    const { carrier, said } = stage();
    await carrier.read([before]);
    expect(said).toEqual([]);
    await carrier.apply(before, planOf('enforce'), []);
    expect(said).toEqual(['enter 100 11']);
    await carrier.apply(before, planOf('observe'), []);
    await carrier.read([before]);
    expect(said).toEqual(['enter 100 11', 'leave 11']);
  });

  test('behind a wall that an earlier run left, and that is only looked at.', async () => {
    const { carrier, said } = stage();
    await carrier.read([before]);
    await carrier.resolve(before, planOf('enforce'), noLine);
    expect(said).toEqual(['enter 100 11']);
    // The explainer does nothing where it is already: so it comes back by itself after it ended.
    await carrier.read([before]);
    expect(said).toEqual(['enter 100 11', 'enter 100 11']);
  });

  test('in the network that the container has after a restart; the old one is let go.', async () => {
    const { carrier, said } = stage();
    await carrier.apply(before, planOf('enforce'), []);
    await carrier.read([after]);
    expect(said).toEqual(['enter 100 11', 'leave 11', 'enter 200 22']);
  });

  test.each(['remove', 'forget'] as const)('no more after %s.', async (verb) => {
    const { carrier, said } = stage();
    await carrier.apply(before, planOf('enforce'), []);
    await (verb === 'remove' ? carrier.remove(before) : carrier.forget(container));
    await carrier.read([before]);
    expect(said).toEqual(['enter 100 11', 'leave 11']);
    await carrier.close();
    expect(said.at(-1)).toBe('close');
  });

  test('nowhere where no wall could be put up.', async () => {
    const said: string[] = [];
    const carrier = explainingCarrier(noCarrier('not here'), {
      enter: () => said.push('enter'),
      leave: () => said.push('leave'),
      close: () => Promise.resolve(),
    });
    expect((await carrier.apply(before, planOf('enforce'), [])).ok).toBe(false);
    await carrier.read([before]);
    expect(said).toEqual([]);
  });
});
