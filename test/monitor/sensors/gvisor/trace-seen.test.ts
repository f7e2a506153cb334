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
    const window = { container, dropped: 3, lost: 1, lostCalls: 1, malformed: 0, counts };
    expect(traceWindowSeen(workload, 5000, 1001, window, names)).toEqual({
      kind: 'syscalls',
      at: 5000,
      workload: 'agent',
      container,
      intervalMs: 1001,
      counts: { read: 5, mount: 2 },
      failed: { mount: 2 },
      lost: 4,
      lostCalls: 1,
    });
  });

  test('names the program by what was started, not by what it calls itself', () => {
    const processes = createSandboxProcesses();
    seen({ kind: 'clone', parent: 3, child: 7, uid: 0 }, processes);
    const start = {
      kind: 'execve',
      ...maker,
      path: '/tmp/useradd',
      isNew: true,
      arguments: ['cat'],
    } as const;
    expect(seen(start, processes)).toMatchObject({
      kind: 'process-start',
      pid: 7,
      parentPid: 3,
      programIsNew: true,
      network: undefined,
    });
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
      programIsNew: true,
    });
  });

  const runs = (pid: number, path: string): TraceMessage => ({
    ...maker,
    kind: 'execve',
    pid,
    path,
    isNew: false,
    arguments: [],
  });

  describe('of a shell', () => {
    const socket = 'socket:[4]';
    const contact = {
      kind: 'contact',
      pid: 7,
      descriptor: 4,
      socket,
      peer: '192.0.2.1:9',
    } as const;
    const input = { kind: 'copy', pid: 7, descriptor: 0, file: socket } as const;

    function startAfter(...messages: readonly TraceMessage[]) {
      const processes = createSandboxProcesses();
      for (const message of messages) seen(message, processes);
      return (pid: number) => seen(runs(pid, '/bin/sh'), processes);
    }

    test('says which of its standard files are a connection, and to whom', () => {
      const output = { ...input, descriptor: 1 };
      expect(startAfter(contact, input, output)(7)).toMatchObject({
        network: { input: true, output: true, peer: '192.0.2.1:9' },
      });
      expect(startAfter({ ...contact, descriptor: 0 })(7)).toMatchObject({
        network: { input: true, output: false },
      });
    });

    test('follows them to what it starts, also behind a terminal', () => {
      const born = { kind: 'clone', parent: 7, child: 8, uid: 0 } as const;
      expect(startAfter(contact, input, born)(8)).toMatchObject({ network: { input: true } });
      const terminal = { kind: 'copy', pid: 8, descriptor: 0, file: 'host:[5]' } as const;
      expect(startAfter(contact, input, born, terminal)(8)).toMatchObject({
        network: { input: false, output: false, peer: '192.0.2.1:9' },
      });
    });

    test('says nothing of sockets that lead nowhere else, and of what was a connection once', () => {
      expect(startAfter(contact, { ...input, file: 'socket:[5]' })(7)).toMatchObject({
        network: undefined,
      });
      expect(startAfter(contact, input, { ...input, file: '/dev/null' })(7)).toMatchObject({
        network: undefined,
      });
    });
  });

  test('knows a program in memory by the name of its open file', () => {
    const inMemory = (path: string) => seen(runs(7, path));
    expect(inMemory('/memfd:quiet (deleted)')).toMatchObject({ inMemory: true });
    expect(inMemory('/proc/self/fd/3')).toMatchObject({ inMemory: true });
    expect(inMemory('/usr/bin/env')).toMatchObject({ inMemory: false });
  });

  test('says who started what asks to be root', () => {
    const processes = createSandboxProcesses();
    seen({ kind: 'clone', parent: 3, child: 7, uid: 1000 }, processes);
    expect(seen(raw(105, 0n), processes)).toMatchObject({ call: 'setuid', parentUid: 1000 });
    expect(seen(raw(105, 0n))).toMatchObject({ parentUid: 0 });
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
      seen({ kind: 'execve', ...maker, error: 2, path: '/no', isNew: false, arguments: [] }),
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
    expect(session.points.find(({ name }) => name === 'syscall/openat/exit')).toEqual({
      name: 'syscall/openat/exit',
      context_fields: ['group_id', 'process_name', 'credentials', 'cwd'],
      optional_fields: ['fd_path'],
    });
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

  test('says while windows come what gVisor never tells', () => {
    expect(gvisorSight(running, telling, 100_000)).toEqual({
      state: 'partly',
      reason: expect.stringContaining('does not tell of a connection that was let in') as string,
    });
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
