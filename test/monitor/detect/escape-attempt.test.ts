import { describe, expect, test } from 'vitest';
import {
  createEscapeState,
  type EscapeState,
  judgeEscapes,
  noteRareCall,
} from '../../../monitor/detect/escape-attempt.ts';
import {
  createEscapeHistory,
  packEscapes,
  unpackEscapes,
  type EscapeHistory,
} from '../../../monitor/detect/escape-history.ts';
import { createLearnedStarts } from '../../../monitor/detect/starts/learned-starts.ts';
import { noteLineage, type Lineage } from '../../../monitor/detect/starts/lineage.ts';
import type { Verdict } from '../../../monitor/detect/verdict.ts';
import type {
  ProcessStartObservation,
  RareCallObservation,
} from '../../../monitor/model/observation.ts';
import { at, start } from './starts/process-start.ts';

function rareCall(change: Partial<RareCallObservation>): RareCallObservation {
  return {
    kind: 'rare-call',
    at,
    workload: 'agent',
    container: 'c0ffee',
    call: 'mount',
    compat: false,
    error: undefined,
    target: '',
    writes: false,
    own: false,
    pid: 4711,
    parentPid: 4700,
    parentUid: 0,
    uid: 0,
    program: '/usr/bin/mount',
    programIsNew: false,
    ...change,
  };
}

/** Notes a call of a workload that was learned and did nothing of the kind meanwhile. */
function note(
  state: EscapeState,
  change: Partial<RareCallObservation>,
  learned = createLearnedStarts(),
  isLearned = true,
  lineage: Lineage = new Map(),
  known = { history: createEscapeHistory(), watchedMs: 0 },
): boolean {
  const { history, watchedMs } = known;
  return noteRareCall(state, rareCall(change), {
    learned,
    isLearned,
    lineage,
    history,
    watchedMs,
  });
}

function verdictsOn(...changes: Partial<RareCallObservation>[]): readonly Verdict[] {
  const state = createEscapeState();
  for (const change of changes) note(state, change);
  return judgeEscapes(state, at);
}

const shadow = { call: 'openat', target: '/etc/shadow' };

describe('An attempt to escape', () => {
  test('is grave when it succeeded, and told as an attempt with its error when it was refused', () => {
    expect(verdictsOn({})).toMatchObject([
      { kind: 'escape-attempt', severity: 'high', technique: { id: 'T1611' } },
    ]);
    const [refused] = verdictsOn({ error: 'EPERM' }, { error: 'EPERM' });
    expect(refused).toMatchObject({ severity: 'medium' });
    expect(refused?.sentence).toBe(
      '/usr/bin/mount (process 4711) called `mount` 2 times in 0.1 s and was refused with EPERM; ' +
        'containers do not do this by themselves.',
    );
  });

  describe('says how many, in what span, and how long there were none', () => {
    const sixHours = 6 * 3_600_000;

    function sentenceOn(
      changes: readonly Partial<RareCallObservation>[],
      history: EscapeHistory,
      watchedMs = sixHours,
    ): string | undefined {
      const state = createEscapeState();
      const known = { history, watchedMs };
      for (const change of changes) {
        note(state, change, createLearnedStarts(), true, new Map(), known);
      }
      return judgeEscapes(state, at)[0]?.sentence;
    }

    const traces = Array.from({ length: 214 }, (_, index) => ({
      call: 'ptrace',
      program: '/tmp/tracer',
      at: at + Math.round((3000 * index) / 213),
    }));

    test('the first time', () => {
      expect(sentenceOn(traces, createEscapeHistory())).toBe(
        '/tmp/tracer (process 4711) called `ptrace` 214 times in 3 s and was not refused; ' +
          'containers do not do this by themselves, and this one never did in 6 h of watching.',
      );
    });

    test('when it comes again, after a restart of the monitor too', () => {
      const history = createEscapeHistory();
      sentenceOn([{ call: 'ptrace', at: at - 7_200_000 }], history);
      const stored = unpackEscapes(packEscapes(history));
      expect(sentenceOn(traces, stored)).toContain('and this one had not for 2 h.');
      expect(sentenceOn([{}], stored)).toContain('called `mount` once and was not refused');
      expect(sentenceOn([{}], createEscapeHistory())).toContain('never did in 6 h of watching.');
    });

    test('but not by a clock that was set back since', () => {
      const history = createEscapeHistory();
      sentenceOn([{ call: 'ptrace', at: at + 7_200_000 }], history);
      expect(sentenceOn(traces, history)).toMatch(/containers do not do this by themselves\.$/);
    });

    test('only as far as that is known', () => {
      // Before that an earlier Sentra watched, which kept nothing of it.
      const late = createEscapeHistory(sixHours - 1_800_000);
      expect(sentenceOn(traces, late)).toContain('and this one never did in 30 min of watching.');
      expect(sentenceOn(traces, createEscapeHistory(), 20_000)).toMatch(/by themselves\.$/);
    });

    test('of several processes as of several', () => {
      expect(sentenceOn([{ pid: 1 }, { pid: 2 }], createEscapeHistory())).toContain(
        '(process 2) and others called `mount` 2 times',
      );
    });
  });

  test('that succeeds in the end is grave, however often it was refused before', () => {
    const [verdict] = verdictsOn({ error: 'EPERM' }, {}, { error: 'EPERM' });
    expect(verdict).toMatchObject({ severity: 'high', evidence: [{ observed: 3 }] });
    expect(verdict?.sentence).toContain('3 times in 0.1 s and was refused 2 times;');
    const [once] = verdictsOn({ error: 'EPERM' }, {});
    expect(once?.sentence).toContain('and was refused once;');
  });

  test('on another’s memory is one also where the address was wrong: the right to it was there', () => {
    for (const call of ['process_vm_readv', 'process_vm_writev']) {
      const [verdict] = verdictsOn({ call, error: 'EFAULT' });
      expect(verdict).toMatchObject({ severity: 'high' });
      expect(verdict?.sentence).toContain('was not refused');
      expect(verdictsOn({ call, error: 'ESRCH' })).toEqual([]);
    }
    expect(verdictsOn({ error: 'EFAULT' })).toEqual([]);
    expect(verdictsOn({ call: 'process_vm_readv', error: 'EFAULT', own: true })).toEqual([]);
  });

  test('holds for a minute after its last call, and has an onset', () => {
    const state = createEscapeState();
    note(state, {});
    note(state, { at: at + 30_000 });
    expect(judgeEscapes(state, at + 89_000)).toMatchObject([{ onsetAt: at }]);
    expect(judgeEscapes(state, at + 91_000)).toEqual([]);
  });

  test.each([
    ['ptrace of a neighbour', { call: 'ptrace' }, 'T1055.008'],
    ['a raw packet socket', { call: 'socket', target: 'packet' }, 'T1040'],
    ['the socket of the engine', { call: 'connect', target: '/var/run/docker.sock' }, 'T1611'],
    [
      'writing to the memory of another',
      { call: 'openat', target: '/proc/1/mem', writes: true },
      'T1055.009',
    ],
    ['loading a module', { call: 'finit_module' }, 'T1547.006'],
    ['reading the shadow file', { ...shadow, program: '/usr/bin/cat' }, 'T1003.008'],
    ['a copy of cat that is named useradd', { ...shadow, program: '/tmp/useradd' }, 'T1003.008'],
    [
      'a useradd that was replaced since the start',
      { ...shadow, program: '/usr/sbin/useradd', programIsNew: true },
      'T1003.008',
    ],
    [
      'a credential of the cloud',
      { call: 'openat', target: '/home/ada/.aws/credentials' },
      'T1552.001',
    ],
    [
      'becoming root where root did not start it',
      { call: 'setuid', parentUid: 1000, uid: 0, program: '/usr/local/bin/helper' },
      'T1548.001',
    ],
    [
      'asking to become root in vain',
      { call: 'setuid', parentUid: 1000, uid: 1000, error: 'EPERM' },
      'T1548.001',
    ],
    [
      'a sudo that was replaced since the start',
      { call: 'setuid', parentUid: 1000, program: '/usr/bin/sudo', programIsNew: true },
      'T1548.001',
    ],
  ])('%s is one', (_, change, technique) => {
    expect(verdictsOn(change)).toMatchObject([{ technique: { id: technique } }]);
  });

  test.each([
    ['adding a user', { ...shadow, program: '/usr/sbin/useradd', writes: true }],
    ['a ping', { call: 'socket', target: 'raw IPv4 ICMP' }],
    [
      'the Docker client without a socket',
      { call: 'connect', target: '/var/run/docker.sock', error: 'ENOENT' },
    ],
    ['a debugger of its own child', { call: 'ptrace', own: true }],
    [
      'writing to its own memory',
      { call: 'openat', target: '/proc/self/mem', writes: true, own: true },
    ],
    ['reading the memory of another', { call: 'openat', target: '/proc/1/mem' }],
    ['a file called shadow', { call: 'openat', target: '/srv/game/shadow' }],
    ['proving that root cannot be had back', { call: 'setresuid', error: 'EPERM' }],
    ['root that changes to itself', { call: 'setuid' }],
    ['sudo', { call: 'setresuid', parentUid: 1000, program: '/usr/bin/sudo' }],
    [
      'a client that looks for credentials',
      { call: 'openat', target: '/home/ada/.aws/credentials', error: 'ENOENT' },
    ],
  ])('%s is none', (_, change) => {
    expect(verdictsOn(change)).toEqual([]);
  });

  test('a ring of input and output is mild, and none for a program that asked while it was learned', () => {
    const ring = { call: 'io_uring_setup', program: '/usr/bin/node', error: 'EPERM' };
    expect(verdictsOn(ring)).toMatchObject([{ severity: 'low', technique: { id: 'T1068' } }]);
    const [state, learned] = [createEscapeState(), createLearnedStarts()];
    expect(note(state, ring, learned, false)).toBe(false);
    expect(note(state, ring, learned)).toBe(false);
    expect(note(state, { ...ring, program: '/tmp/node' }, learned)).toBe(true);
  });

  describe('of the shadow file by a script', () => {
    const adduser = {
      pid: 30,
      program: '/usr/bin/perl',
      arguments: ['perl', '-T', '/usr/sbin/adduser'],
    };
    const postinst = { pid: 20, parentPid: 10, program: '/usr/bin/dash', arguments: ['sh'] };
    const dpkg = { pid: 10, parentPid: 1, program: '/usr/bin/dpkg' };

    function reads(
      change: Partial<RareCallObservation>,
      ...starts: readonly Partial<ProcessStartObservation>[]
    ): readonly Verdict[] {
      const state = createEscapeState();
      const lineage: Lineage = new Map();
      for (const one of starts) noteLineage(lineage, start(one));
      const by = { ...shadow, pid: 30, parentPid: 20, program: '/usr/bin/perl', ...change };
      note(state, by, createLearnedStarts(), true, lineage);
      return judgeEscapes(state, at);
    }

    test('that adds a user beneath a package manager is none', () => {
      expect(reads({}, dpkg, postinst, { ...adduser, parentPid: 20 })).toEqual([]);
    });

    test('is none either when the package manager has started thousands of programs before', () => {
      const others = Array.from({ length: 3000 }, (_, index) => ({
        pid: 100 + index,
        parentPid: 20,
        program: '/usr/bin/cp',
      }));
      expect(reads({}, dpkg, postinst, ...others, { ...adduser, parentPid: 20 })).toEqual([]);
    });

    test.each(['-eprint', '-ne', '-MEvil', '-I/tmp'])(
      'that runs more than the script (%s) is grave, whatever it calls itself',
      (word) => {
        const glued = { ...adduser, arguments: ['perl', word, '/usr/sbin/adduser'], parentPid: 20 };
        expect(reads({}, dpkg, postinst, glued)).toMatchObject([{ severity: 'high' }]);
      },
    );

    test('that adds a user by hand is mild', () => {
      expect(reads({}, postinst, { ...adduser, parentPid: 20 })).toMatchObject([
        { severity: 'low' },
      ]);
    });

    test.each([
      ['another script', {}, [dpkg, postinst, { ...adduser, arguments: ['perl', '/tmp/x'] }]],
      ['a perl that was put there', {}, [dpkg, postinst, { ...adduser, programIsNew: true }]],
      ['it, and writes', { writes: true }, [dpkg, postinst, adduser]],
      [
        'a program of its name',
        { pid: 30 },
        [dpkg, postinst, { ...adduser, program: '/tmp/perl2x' }],
      ],
    ])('is grave for %s', (_, change, starts) => {
      const [first = {}, ...rest] = starts;
      expect(reads(change, first, ...rest.map((one) => ({ parentPid: 20, ...one })))).toMatchObject(
        [{ severity: 'high' }],
      );
    });

    test('beneath a package manager that was put there is taken for one by hand', () => {
      const own = { ...dpkg, programIsNew: true };
      expect(reads({}, own, postinst, { ...adduser, parentPid: 20 })).toMatchObject([
        { severity: 'low' },
      ]);
    });
  });
});
