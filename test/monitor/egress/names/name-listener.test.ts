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
let output: PassThrough;
let listener: ReturnType<typeof createNameListener>;

beforeEach(() => {
  [input, output] = [new PassThrough(), new PassThrough()];
  const ended = new Promise<string>(() => undefined);
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
  expect(JSON.stringify(shown)).toContain('Names are those asked and answered');
  badge.blind('The wall cannot be read.');
  expect(said()).toBe('');
  badge.stands({ ...state, plan: { ...observingPlan, mode: 'enforce' } });
  expect(said()).toBe(`- ${inode}\n`);
});

/** A message about a name, in hexadecimal; an answer leads to 192.0.2.7. */
function message(id: number, name: string, what: 'question' | 'answer' | 'failure'): string {
  const word = (value: number): number[] => [value >> 8, value & 255];
  const flags = { question: 0x0100, answer: 0x8180, failure: 0x8183 }[what];
  const labels = name.split('.').flatMap((label) => [label.length, ...Buffer.from(label)]);
  const record = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 7];
  return Buffer.from([
    ...[...word(id), ...word(flags), 0, 1, 0, what === 'answer' ? 1 : 0, 0, 0, 0, 0],
    ...[...labels, 0, 0, 1, 0, 1],
    ...(what === 'answer' ? record : []),
  ]).toString('hex');
}

/** Has these lines heard in the network of this process. */
async function hear(...lines: readonly string[]): Promise<void> {
  for (const line of lines) output.write(`${line}\n`);
  await new Promise((resolve) => setImmediate(resolve));
}

test('Names are told as asked and answered, each question once however often it is forwarded.', async () => {
  listener.listen('a1', process.pid);
  const inode = inodeOf(said());
  const heard = (...all: Parameters<typeof message>[]) =>
    hear(...all.map((each) => `${inode} ${message(...each)}`));
  // Docker's resolver asks and answers in the same network.
  await heard([1, 'a.test', 'question'], [1, 'A.test', 'question'], [1, 'a.test', 'answer']);
  await heard([1, 'a.test', 'answer'], [2, 'a.test', 'question'], [2, 'a.test', 'answer']);
  // Of another one the answer alone is heard.
  await heard([3, 'b.test', 'answer'], [4, 'none.test', 'question'], [4, 'none.test', 'failure']);
  await heard([5, 'lost.test', 'question'], [1, 'a.test', 'question']);
  const of = (name: string, count: number, answered: number) => {
    return { name, refused: false, count, answered };
  };
  expect(listener.takeAsked(process.pid)).toEqual({
    names: [of('a.test', 3, 2), of('b.test', 1, 1), of('none.test', 1, 0), of('lost.test', 1, 0)],
    omitted: 0,
  });
  expect(listener.nameOf(process.pid, '192.0.2.7')).toBe('b.test');
  await heard([5, 'lost.test', 'answer']);
  expect(listener.takeAsked(process.pid).names).toEqual([of('lost.test', 0, 1)]);
});

test('Of any number of distinct names two hundred are kept between looks; what is left out is counted.', async () => {
  listener.listen('a1', process.pid);
  const inode = inodeOf(said());
  const lines = Array.from({ length: 10_000 }, (_, index) => {
    return `${inode} ${message(index, `n${index}.test`, 'question')}`;
  });
  await hear(...lines, `~ ${inode} 300`);
  await expect.poll(() => listener.takeAsked(process.pid).omitted).toBe(10_100);
  expect(listener.takeAsked(process.pid)).toEqual({ names: [], omitted: 0 });
});
