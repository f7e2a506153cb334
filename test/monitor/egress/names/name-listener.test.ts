import { PassThrough } from 'node:stream';
import { beforeEach, expect, test } from 'vitest';
import { createNameListener } from '../../../../monitor/egress/names/name-listener.ts';
import { createGuardBadge } from '../../../../monitor/egress/guard/guard-badge.ts';
import { observingPlan } from '../../../../monitor/egress/wall/wall-plan.ts';
import type { Sight } from '../../../../monitor/model/coverage.ts';
import { silentLogger } from '../../../../monitor/runtime/logger.ts';
import { ok } from '../../../../monitor/runtime/result.ts';
import { fakeWorkload } from '../../rpc/fake-service.ts';

let input: PassThrough;
let listener: ReturnType<typeof createNameListener>;

beforeEach(() => {
  input = new PassThrough();
  const [output, ended] = [new PassThrough(), new Promise<string>(() => undefined)];
  listener = createNameListener(silentLogger, () =>
    ok({ pid: undefined, input, output, ended, kill: () => undefined }),
  );
});

/** What it was told since the last time, as lines. */
const said = (): string => String(input.read() ?? '');

function inodeOf(line: string): string {
  expect(line).toMatch(/^\+ \d+ \d+\n$/);
  return line.trim().split(' ')[2] ?? '';
}

test('Nobody listens any more in the network of a container that has gone.', () => {
  listener.listen('a1', process.pid);
  const inode = inodeOf(said());
  listener.leave('b2');
  expect(said()).toBe('');
  listener.leave('a1');
  expect(said()).toBe(`- ${inode}\n`);
  expect(listener.problem(process.pid)).toBe('nobody listens in its network');
});

test('A container that is observed no more is listened to no more; one that cannot be read is.', () => {
  const workload = fakeWorkload('agent', 'a1', { mainPid: process.pid });
  const shown: (Sight | undefined)[] = [];
  const badge = createGuardBadge(
    {
      ...{ logger: silentLogger, now: () => 0, listener },
      show: (_, sight) => void shown.push(sight),
    },
    () => workload,
  );
  const state = {
    ...{ standing: undefined, gap: undefined, noGate: undefined, unproved: undefined },
    ...{ cannotAsk: undefined, isFlooded: false, strayed: undefined, lost: 0, problem: undefined },
    reading: {
      ...{ listing: undefined, elements: [], otherTables: [], inode: 4, devices: ['eth0'] },
      powers: { administers: false, sendsRaw: false },
      resolver: 'absent' as const,
    },
  };
  badge.stands({ ...state, plan: observingPlan });
  const inode = inodeOf(said());
  expect(JSON.stringify(shown)).toContain('Names are those of the DNS answers');
  badge.blind('The wall cannot be read.');
  expect(said()).toBe('');
  badge.stands({ ...state, plan: { ...observingPlan, mode: 'enforce' } });
  expect(said()).toBe(`- ${inode}\n`);
});
