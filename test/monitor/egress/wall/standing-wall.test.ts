import { expect, test } from 'vitest';
import type { Applied, Reading } from '../../../../monitor/egress/carrier/carrier.ts';
import { gapSentence } from '../../../../monitor/egress/gate/start-gap.ts';
import { createNameTable } from '../../../../monitor/egress/resolver/resolver-log.ts';
import { createStandingWall } from '../../../../monitor/egress/wall/standing-wall.ts';
import { planWall } from '../../../../monitor/egress/wall/wall-plan.ts';
import { createMemoryNotes } from '../../../../monitor/egress/wall/wall-record.ts';
import { failed, ok, type Result } from '../../../../monitor/runtime/result.ts';

const where = { container: 'a'.repeat(64), pid: 17 };
const start = { startedAt: 0, enforcedSince: 0, isHeld: true };

function enforced(...networks: readonly string[]) {
  const plan = planWall('enforce', { rules: [] }, [], networks);
  if (!plan.ok) throw new Error(plan.error);
  return plan.value;
}

const reading = (digest: string): Reading => ({
  listing: { digest, innerDigest: digest, counters: {}, sent: [], received: [], refused: [] },
  elements: [],
  otherTables: [],
  inode: 4,
  devices: ['eth0'],
  powers: { administers: false, sendsRaw: false },
  resolver: 'runs',
});

/** A carrier that does what it is told, and may be cut off before it could say so. */
function stage() {
  let isCutOff = false;
  let count = 0;
  const notes = createMemoryNotes();
  const apply = (): Promise<Result<Applied, string>> => {
    count += 1;
    if (isCutOff) return Promise.resolve(failed('The helper closed the connection.'));
    return Promise.resolve(ok({ ...reading(`wall ${count}`), sentBefore: 3 }));
  };
  const open = () => createStandingWall({ apply }, createNameTable(), notes, () => 0);
  return {
    open,
    stands: () => reading(`wall ${count}`),
    cutOff: () => {
      isCutOff = true;
    },
  };
}

test('A change of the wall that Sentra was cut off from is nobody else’s, then and for a later monitor; it is made again', async () => {
  const { open, stands, cutOff } = stage();
  const plan = enforced();
  const wall = open();
  await wall.putUp(where, plan, [], start);
  cutOff();
  expect(await wall.putUp(where, plan, [], start)).toMatchObject({ ok: false });

  const later = open();
  later.adopt(where.container, stands());
  for (const each of [wall, later]) {
    expect(await each.breachOf(where, stands(), plan)).toBeUndefined();
    expect(each.needsAnew(where, stands(), plan)).toBe(true);
  }
});

test('A change that nobody of ours began is somebody else’s', async () => {
  const { open } = stage();
  const plan = enforced();
  const wall = open();
  await wall.putUp(where, plan, [], start);
  expect(await wall.breachOf(where, reading('another'), plan)).toContain('changed from outside');
});

test('What held a container back on one network is not known to have done so on another, to which it was moved while it was stopped', async () => {
  let inode = 4;
  const apply = (): Promise<Result<Applied, string>> =>
    Promise.resolve(ok({ ...reading('wall'), inode, sentBefore: 5 }));
  const wall = createStandingWall({ apply }, createNameTable(), createMemoryNotes(), () => 9);
  await wall.putUp(where, enforced('one'), [], start);
  expect(wall.gap()).toBeUndefined();
  wall.forget();
  inode = 5;
  await wall.putUp({ ...where, pid: 18 }, enforced('two'), [], start);
  expect(wall.gap()).toEqual({ durationMs: 9, packets: 5 });
});

test('A start before which nothing stood is no gap where no packet was sent until the wall did', async () => {
  for (const sentBefore of [0, 1]) {
    const apply = (): Promise<Result<Applied, string>> =>
      Promise.resolve(ok({ ...reading('wall'), sentBefore }));
    const wall = createStandingWall({ apply }, createNameTable(), createMemoryNotes(), () => 9);
    await wall.putUp(where, enforced(), [], { ...start, isHeld: false });
    expect(wall.gap()?.packets).toBe(sentBefore === 0 ? undefined : 1);
  }
});

test('A start while Sentra was away is told as one, and not as packets that left', async () => {
  const { open, stands } = stage();
  await open().putUp(where, enforced(), [], start);
  const later = open();
  later.adopt(where.container, stands());
  const away = { startedAt: 0, enforcedSince: 5, isHeld: false };
  await later.putUp({ ...where, pid: 18 }, enforced(), [], away);
  expect(later.gap()).toMatchObject({ wasAway: true });
  expect(gapSentence({ durationMs: 9, packets: 3, wasAway: true }, 'no gate')).toBe(
    'Its wall stood 9 ms after its last start, for it started while Sentra was away; of the 3 packets that it sent before, none left if a gate of the run before stood.',
  );
});
