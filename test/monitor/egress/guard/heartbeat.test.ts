import { expect, test } from 'vitest';
import { createGuardProof } from '../../../../monitor/egress/guard/guard-proof.ts';
import { readRule } from '../../../../monitor/egress/list/rule.ts';
import { planWall, type WallPlan } from '../../../../monitor/egress/wall/wall-plan.ts';
import type { EgressProbe } from '../../../../monitor/model/egress.ts';
import { ok } from '../../../../monitor/runtime/result.ts';

const minute = 60_000;

function planOf(targets: readonly string[], networks: readonly string[] = []): WallPlan {
  const rules = targets.flatMap((target) => {
    const rule = readRule({ verdict: 'allow', target });
    return rule.ok ? [rule.value] : [];
  });
  const plan = planWall('enforce', { rules }, [], networks);
  if (!plan.ok) throw new Error(plan.error);
  return plan.value;
}

/** A guard's proofs over a clock of the test's own. */
function stage(plan: WallPlan) {
  const world = {
    plan,
    pid: 17,
    now: 0,
    epoch: 0,
    during: () => undefined as unknown,
    outcome: 'as-it-should' as EgressProbe['outcome'],
  };
  /** The allowed name that each proof asked, undefined for none. */
  const proofs: (string | undefined)[] = [];
  const told: string[] = [];
  const proof = createGuardProof(
    {
      prove: (_place, _plan, allowedName) => {
        proofs.push(allowedName);
        world.during();
        return Promise.resolve(ok([{ what: 'A try', outcome: world.outcome, detail: 'so' }]));
      },
    },
    () => ok({ where: { container: 'c1', pid: world.pid }, plan: world.plan }),
    { onAsk: (name) => told.push(name), epoch: () => world.epoch, monotonic: () => world.now },
  );
  /** Beats every five seconds for so long; what was found open. */
  async function pass(spanMs: number): Promise<readonly string[]> {
    const breaches: string[] = [];
    for (const end = world.now + spanMs; world.now < end; world.now += 5000) {
      const breach = await proof.beat(world.pid);
      if (breach !== undefined) breaches.push(breach);
    }
    return breaches;
  }
  return { world, proof, proofs, told, pass };
}

test('A wall is proved at once, every five minutes, and after it was put up anew', async () => {
  const { proof, proofs, pass } = stage(planOf([]));
  await pass(10 * minute);
  expect(proofs).toHaveLength(2);
  proof.hurry();
  await pass(5000);
  expect(proofs).toHaveLength(3);
});

test('What got out is told as open, kept for the badge, and tried again soon until it is over', async () => {
  const { world, proof, pass } = stage(planOf([]));
  world.outcome = 'wrong';
  const [first] = await pass(5000);
  expect(first).toBe('A probe showed its wall open: A try: so.');
  expect(proof.unproved()).toBe('A try: so');
  expect(await pass(30_000)).toHaveLength(2);
  world.outcome = 'as-it-should';
  expect(await pass(minute)).toEqual([]);
  expect(proof.unproved()).toBeUndefined();
});

test('What could not be proved is kept for the badge, is not told as open, and is tried again soon', async () => {
  const { world, proof, proofs, pass } = stage(planOf([]));
  world.outcome = 'not-proved';
  expect(await pass(minute)).toEqual([]);
  expect(proofs).toHaveLength(4);
  expect(proof.unproved()).toBe('A try: so');
});

test('What cannot be tried there is no loss', async () => {
  const { world, proof, proofs, pass } = stage(planOf([]));
  world.outcome = 'not-tried';
  expect(await pass(minute)).toEqual([]);
  expect([proofs.length, proof.unproved()]).toEqual([1, undefined]);
});

test('An allowed name is asked once an hour, one after another; none where no list allows one', async () => {
  const { proofs, told, pass } = stage(planOf(['a.test', 'b.test', '*.c.test', '203.0.113.0/24']));
  await pass(3 * 60 * minute);
  expect(proofs).toHaveLength(36);
  const asked = proofs.filter((name) => name !== undefined);
  expect(asked).toEqual(['a.test', 'b.test', 'a.test']);
  expect(told).toEqual(asked);
  const without = stage(planOf(['203.0.113.0/24']));
  await without.pass(60 * minute);
  expect(without.proofs.filter((name) => name !== undefined)).toEqual([]);
});

test('An allowed name is asked anew after a start, and when networks changed; not after every change of a list', async () => {
  const { world, proof, proofs, pass } = stage(planOf(['a.test']));
  const asked = () => proofs.filter((name) => name !== undefined).length;
  await pass(5000);
  expect(asked()).toBe(1);
  world.plan = planOf(['a.test', 'b.test']);
  proof.hurry();
  await pass(5000);
  expect([proofs.length, asked()]).toEqual([2, 1]);
  world.pid = 18;
  proof.hurry();
  await pass(5000);
  expect(asked()).toBe(2);
  world.plan = planOf(['a.test'], ['team']);
  proof.hurry();
  await pass(5000);
  expect(asked()).toBe(3);
});

test('An allowed name that could not be proved is asked again soon', async () => {
  const { world, proofs, pass } = stage(planOf(['a.test']));
  world.outcome = 'not-proved';
  await pass(minute);
  expect(proofs).toEqual(['a.test', 'a.test', 'a.test', 'a.test']);
});

test('A wall that is changed while it is proved is proved again, and found open by nothing that was seen meanwhile', async () => {
  const { world, proof, proofs, pass } = stage(planOf([]));
  world.outcome = 'wrong';
  world.during = () => {
    world.epoch += 1;
  };
  expect(await pass(10_000)).toEqual([]);
  expect([proofs.length, proof.unproved()]).toEqual([2, undefined]);
  expect(await proof.prove()).toMatchObject({
    ok: false,
    error: expect.stringContaining('changed') as string,
  });
  expect(proofs).toHaveLength(5);
  world.during = () => undefined;
  expect(await pass(5000)).toHaveLength(1);
});
