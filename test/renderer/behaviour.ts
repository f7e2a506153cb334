import type { CallsView, StartsView } from '../../renderer/state/model.ts';
import { noon, view } from './fixtures.ts';

const of = {
  at: noon,
  container: view(1).workload.container,
  name: view(1).workload.name,
  coverage: { sensor: 'syscalls', sight: { state: 'seeing' }, since: noon, dropped: 2 },
} as const;

/** What an agent calls that has just tried to mount something. */
export function callsView(change: Partial<CallsView> = {}): CallsView {
  return {
    ...of,
    calls: [
      { name: 'read', perSecond: 4200, refusedPerSecond: 0, usualPerSecond: 400 },
      { name: 'openat', perSecond: 310, refusedPerSecond: 3.5, usualPerSecond: 290 },
      { name: 'mount', perSecond: 0.2, refusedPerSecond: 0.2, usualPerSecond: 0 },
    ],
    omitted: 0,
    usualMs: 600_000,
    perSecond: Array.from({ length: 60 }, (_, index) => 700 + 40 * (index % 7)),
    rare: [
      {
        at: noon - 4000,
        call: 'mount',
        compat: false,
        error: 'EPERM',
        target: '',
        writes: false,
        own: false,
        pid: 4711,
        parentPid: 4700,
        uid: 0,
        parentUid: 0,
        program: '/usr/bin/mount',
        programIsNew: false,
      },
    ],
    ...change,
  };
}

/** A shell from outside that ran a program put there since the start. */
export function startsView(change: Partial<StartsView> = {}): StartsView {
  const start = {
    at: noon - 3000,
    uid: 0,
    parentProgram: '/usr/bin/dash',
    inMemory: false,
    programIsNew: false,
    network: undefined,
    fromOutside: false,
  };
  return {
    ...of,
    starts: [
      {
        ...start,
        depth: 0,
        pid: 4700,
        parentPid: 4000,
        program: '/usr/bin/dash',
        arguments: ['sh', '-c', './x'],
        fromOutside: true,
      },
      {
        ...start,
        depth: 1,
        pid: 4711,
        parentPid: 4700,
        program: '/tmp/x',
        arguments: ['./x'],
        programIsNew: true,
        network: { input: true, output: true, peer: '203.0.113.7:4444' },
      },
    ],
    omitted: 0,
    ...change,
  };
}
