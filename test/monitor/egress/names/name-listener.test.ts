import { PassThrough } from 'node:stream';
import { beforeEach, expect, test } from 'vitest';
import { createNameListener } from '../../../../monitor/egress/names/name-listener.ts';
import { withHeardNames } from '../../../../monitor/egress/names/observed-names.ts';
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
  const told = { show: () => undefined, onObservation: () => undefined };
  const { show } = withHeardNames(told, listener, () => workload);
  show(workload, { state: 'partly', reason: 'Counted by address.' }, 0);
  const inode = inodeOf(said());
  show(workload, { state: 'blind', reason: 'The wall cannot be read.' }, 0);
  expect(said()).toBe('');
  show(workload, { state: 'seeing' }, 0);
  expect(said()).toBe(`- ${inode}\n`);
});
