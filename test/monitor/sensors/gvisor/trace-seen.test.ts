import { describe, expect, test } from 'vitest';
import type { Workload } from '../../../../monitor/model/workload.ts';
import { loudCalls } from '../../../../monitor/sensors/gvisor/loud-calls.ts';
import { createSandboxProcesses } from '../../../../monitor/sensors/gvisor/sandbox-processes.ts';
import { gvisorSight } from '../../../../monitor/sensors/gvisor/gvisor-sight.ts';
import type { TraceMessage } from '../../../../monitor/sensors/gvisor/trace-message.ts';
import {
  traceMessageSeen,
  traceWindowSeen,
} from '../../../../monitor/sensors/gvisor/trace-seen.ts';
import { tracePoints, traceSession } from '../../../../monitor/sensors/gvisor/trace-session.ts';
import { callNames } from '../../../../monitor/sensors/syscalls/call-names.ts';

const names = callNames('x64');
const container = 'c'.repeat(64);
const workload = { key: 'agent', container } as Workload;

const maker = { pid: 7, uid: 0, name: 'sh', error: 0 } as const;
const raw = (number: number, ...handed: bigint[]): TraceMessage => ({
  kind: 'raw',
  ...maker,
  number,
  arguments: [...handed, 0n, 0n, 0n, 0n, 0n, 0n].slice(0, 6),
});

describe('What gVisor tells', () => {
  const seen = (message: TraceMessage, processes = createSandboxProcesses()) =>
    traceMessageSeen(workload, 5000, message, processes, names);

  test('becomes a window like any other', () => {
    const counts: [number, number, number][] = [
      [0, 5, 0],
      [165, 2, 2],
    ];
    const window = { container, dropped: 3, lost: 1, malformed: 0, counts };
    expect(traceWindowSeen(workload, 5000, 1001, window, names)).toEqual({
      kind: 'syscalls',
      at: 5000,
      workload: 'agent',
      container,
      intervalMs: 1001,
      counts: { read: 5, mount: 2 },
      failed: { mount: 2 },
      lost: 4,
    });
  });

  test('names the program by what was started, not by what it calls itself', () => {
    const processes = createSandboxProcesses();
    seen({ kind: 'clone', parent: 3, child: 7 }, processes);
    const start = { kind: 'execve', ...maker, path: '/tmp/useradd', arguments: ['cat'] } as const;
    expect(seen(start, processes)).toMatchObject({ kind: 'process-start', pid: 7, parentPid: 3 });
    const open = {
      kind: 'open',
      ...maker,
      name: 'useradd',
      number: 257,
      path: '/etc/shadow',
      flags: 0,
    } as const;
    expect(seen(open, processes)).toMatchObject({
      kind: 'rare-call',
      call: 'openat',
      program: '/tmp/useradd',
      target: '/etc/shadow',
      parentPid: 3,
    });
  });

  test('leaves out debuggers of their own children, and those that drop their rights', () => {
    const processes = createSandboxProcesses();
    processes.born(7, 9);
    expect(seen(raw(101, 16n, 9n), processes)).toBeUndefined();
    expect(seen(raw(101, 16n, 8n), processes)).toMatchObject({ call: 'ptrace' });
    expect(seen(raw(101, 0n), processes)).toBeUndefined();
    expect(seen(raw(105, 1000n))).toBeUndefined();
    expect(seen(raw(105, 0n))).toMatchObject({ call: 'setuid' });
    expect(seen(raw(310, 7n))).toBeUndefined();
  });

  test('a program that did not start is no start', () => {
    expect(
      seen({ kind: 'execve', ...maker, error: 2, path: '/no', arguments: [] }),
    ).toBeUndefined();
  });

  test('forgets processes rather than grow', () => {
    const processes = createSandboxProcesses();
    for (let pid = 2; pid < 10_000; pid++) processes.born(1, pid);
    expect(processes.parentOf(2)).toBe(0);
    expect(processes.parentOf(9999)).toBe(1);
  });

  test('follows no line of parents for ever', () => {
    const processes = createSandboxProcesses();
    processes.born(2, 1);
    processes.born(1, 2);
    expect(processes.descends(1, 5)).toBe(false);
  });
});

describe('What gVisor is asked to tell', () => {
  const session = traceSession('/run/sentra/x.sock', tracePoints(names));
  const points = session.points.map(({ name }) => name);

  test('is every call once, and no environment', () => {
    expect(new Set(points).size).toBe(points.length);
    expect(points).toContain('syscall/sysno/0/exit');
    expect(points).toContain('syscall/openat/exit');
    expect(points).not.toContain(`syscall/sysno/257/exit`);
    expect(JSON.stringify(session)).not.toMatch(/env/);
    expect(points).not.toContain('sentry/execve');
  });

  test('leaves a container to start, and to run, while nobody listens', () => {
    expect(session.sinks).toEqual([
      expect.objectContaining({
        ignore_setup_error: true,
        config: { endpoint: '/run/sentra/x.sock', retries: 0 },
      }),
    ]);
  });

  test('is less where a container calls too often; what is rare is always told', () => {
    const counts: [number, number, number][] = [
      [0, 20_000, 0],
      [1, 19_000, 0],
      [257, 9000, 0],
      [3, 400, 0],
    ];
    const isTold = (number: number): boolean => number === 257;
    expect(loudCalls(counts, 1000, isTold)).toEqual([0, 1]);
    expect(loudCalls(counts, 10_000, isTold)).toEqual([]);
    const less = tracePoints(names, new Set([0, 1])).map(({ name }) => name);
    expect(points.filter((point) => !less.includes(point))).toEqual([
      'syscall/sysno/0/exit',
      'syscall/sysno/1/exit',
    ]);
  });
});

describe('The badge of system calls under gVisor', () => {
  const telling = {
    session: { name: 'telling' },
    windowAt: 99_500,
    lostAt: undefined,
    leftOut: [],
  } as const;
  const running = { name: 'running' } as const;

  test('sees while windows come', () => {
    expect(gvisorSight(running, telling, 100_000)).toEqual({ state: 'seeing' });
    const asked = { ...telling, session: { name: 'asked', at: 98_000 } } as const;
    expect(gvisorSight(running, asked, 100_000)).toEqual({ state: 'starting' });
  });

  test.each([
    [
      'the receiver is not there',
      { name: 'failed', reason: 'Needs root.' } as const,
      telling,
      'blind',
      'Needs root.',
    ],
    ['nothing comes', running, { ...telling, windowAt: 90_000 }, 'blind', 'told nothing'],
    [
      'no session began',
      running,
      { ...telling, session: { name: 'asked', at: 90_000 } } as const,
      'blind',
      'not begun',
    ],
    [
      'gVisor refused',
      running,
      { ...telling, session: { name: 'failed', reason: 'exit 128' } } as const,
      'blind',
      'exit 128',
    ],
    ['something was lost', running, { ...telling, lostAt: 80_000 }, 'partly', 'lost'],
    [
      'calls are left out',
      running,
      { ...telling, leftOut: ['read', 'write'] },
      'partly',
      'read, write',
    ],
  ])('says so when %s', (_, receiver, evidence, state, reason) => {
    const sight = gvisorSight(receiver, evidence, 100_000);
    expect(sight).toEqual({ state, reason: expect.stringContaining(reason) as string });
  });
});
