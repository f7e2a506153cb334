import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Workload } from '../../../../monitor/model/workload.ts';
import { callNames } from '../../../../monitor/sensors/syscalls/call-names.ts';
import {
  parseKernelLine,
  type KernelLine,
} from '../../../../monitor/sensors/syscalls/kernel-line.ts';
import { rareCallSeen, windowSeen } from '../../../../monitor/sensors/syscalls/seen.ts';
import { fakeWorkload } from '../../rpc/fake-service.ts';

const workload: Workload = { ...fakeWorkload('agent', 'a9e0'), startedAt: 1_700_000_000_000 };
const names = callNames('x64');

function parsed<Kind extends KernelLine['kind']>(kind: Kind, line: unknown) {
  const result = parseKernelLine(JSON.stringify(line));
  if (!result.ok) throw new Error(result.error);
  if (result.value.kind !== kind) throw new Error(`It is a ${result.value.kind}.`);
  return result.value as Extract<KernelLine, { kind: Kind }>;
}

const call = {
  kind: 'call',
  cgroup: '5966',
  pid: 14103,
  parent: 14102,
  uid: 0,
  program: '/usr/bin/cat',
  parentProgram: '/usr/bin/dash',
  parentUid: 0,
  links: 1,
  changed: 1_663_687_647,
  name: 'cat',
  compat: false,
  number: 257,
  result: 3,
  own: false,
  self: 7,
  arguments: ['0', '140730060720829', '0'],
  path: 'shadow',
  inProc: false,
  file: '/etc/shadow',
};

describe('A line of the kernel sensor', () => {
  test('with counts becomes calls by name, 32-bit ones apart', () => {
    const line = parsed('window', {
      kind: 'window',
      ms: 1000.8,
      all: true,
      beats: 65,
      containers: [
        {
          cgroup: '5966',
          ms: 1000.8,
          native: [
            [0, 32, 0],
            [165, 2, 2],
            [509, 1, 0],
          ],
          compat: [[26, 9, 0]],
          lost: 3,
          lostCalls: 2,
        },
      ],
    });
    expect(windowSeen(workload, 5, line.ms, line.containers[0], names)).toMatchObject({
      intervalMs: 1000.8,
      counts: { read: 32, mount: 2, '#509': 1, 'i386:ptrace': 9 },
      failed: { mount: 2 },
      lost: 3,
      lostCalls: 2,
    });
    expect(windowSeen(workload, 5, line.ms, undefined, names)).toMatchObject({
      counts: {},
      failed: {},
      lost: 0,
    });
  });

  test('with a call becomes what was really opened, by whom', () => {
    expect(rareCallSeen(workload, 5, parsed('call', call), names)).toMatchObject({
      call: 'openat',
      error: undefined,
      target: '/etc/shadow',
      writes: false,
      own: false,
      programIsNew: false,
    });
    const memory = {
      ...call,
      path: 'mem',
      inProc: true,
      file: '/7/mem',
      arguments: ['2', '0', '0'],
    };
    expect(rareCallSeen(workload, 5, parsed('call', memory), names)).toMatchObject({
      target: '/proc/7/mem',
      writes: true,
      own: false,
    });
    const refused = { ...call, file: '', result: -13 };
    const targetOf = (path: string) =>
      rareCallSeen(workload, 5, parsed('call', { ...refused, path }), names).target;
    expect(targetOf('../../etc//shadow')).toBe('/etc/shadow');
    expect(targetOf('/etc/./shadow')).toBe('/etc/shadow');
    expect(targetOf('shadow')).toBe('shadow');
    // Of what was refused the path is all there is to tell its own memory by.
    const own = { ...refused, path: '/proc/7/mem', arguments: ['2', '0', '0'] };
    expect(rareCallSeen(workload, 5, parsed('call', own), names).own).toBe(true);
    const raw = {
      ...call,
      number: 41,
      path: '',
      file: '',
      arguments: ['2', '3', '255'],
      result: -1,
    };
    expect(rareCallSeen(workload, 5, parsed('call', raw), names)).toMatchObject({
      call: 'socket',
      target: 'raw IPv4 255',
      error: 'EPERM',
    });
    const fresh = { ...call, changed: 1_700_000_001 };
    expect(rareCallSeen(workload, 5, parsed('call', fresh), names).programIsNew).toBe(true);
  });

  test('is cut where it is too long', () => {
    expect(parsed('call', { ...call, program: 'x'.repeat(5000) }).program).toHaveLength(256);
  });

  test.each([
    ['no JSON', '{"kind":"win'],
    ['another kind', '{"kind":"gift"}'],
    ['a cgroup that is no number', JSON.stringify({ ...call, cgroup: '../1' })],
    ['a count below zero', '{"kind":"window","ms":1,"beats":-1,"containers":[]}'],
  ])('that is %s is refused', (_, line) => {
    expect(parseKernelLine(line).ok).toBe(false);
  });

  test('never throws, whatever stands in it', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
        expect(typeof parseKernelLine(line).ok).toBe('boolean');
      }),
    );
  });
});

test.each([
  ['x64', 0, 'read', 'restart_syscall'],
  ['x64', 26, 'msync', 'ptrace'],
  ['x64', 101, 'ptrace', 'ioperm'],
  ['arm64', 63, 'read', '#63'],
  ['arm64', 117, 'ptrace', '#117'],
])('On %s, call %i is %s, and %s among the 32-bit ones', (architecture, number, native, compat) => {
  const table = callNames(architecture);
  expect([table.native(number), table.compat(number)]).toEqual([native, compat]);
});
