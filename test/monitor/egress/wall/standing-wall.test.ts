import { expect, test } from 'vitest';
import type { Applied, Reading } from '../../../../monitor/egress/carrier/carrier.ts';
import { createNameTable } from '../../../../monitor/egress/resolver/resolver-log.ts';
import { createStandingWall } from '../../../../monitor/egress/wall/standing-wall.ts';
import { planWall } from '../../../../monitor/egress/wall/wall-plan.ts';
import { createMemoryNotes } from '../../../../monitor/egress/wall/wall-record.ts';
import { failed, ok, type Result } from '../../../../monitor/runtime/result.ts';

const where = { container: 'a'.repeat(64), pid: 17 };
const start = { startedAt: 0, enforcedSince: 0, isHeld: true };

function enforced() {
  const plan = planWall('enforce', { rules: [] }, [], []);
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
    return Promise.resolve(ok({ ...reading(`wall ${count}`), sentBefore: 0 }));
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
