import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createLearnedStarts,
  mostLearnedStarts,
  packStarts,
  unpackStarts,
  type LearnedStarts,
} from '../../../../monitor/detect/starts/learned-starts.ts';
import {
  acknowledgeStart,
  createStartWatch,
  judgeStarts,
  noteStart,
  type StartWatch,
} from '../../../../monitor/detect/starts/start-watch.ts';
import type { ProcessStartObservation } from '../../../../monitor/model/observation.ts';
import { at, start } from './process-start.ts';

/** A workload that is learned with the first starts, and then starts the others. */
function story(
  learning: readonly Partial<ProcessStartObservation>[],
  then: readonly Partial<ProcessStartObservation>[],
  learned: LearnedStarts = createLearnedStarts(),
) {
  const watch: StartWatch = createStartWatch();
  for (const change of learning) noteStart(watch, start(change), learned, false, true);
  for (const change of then) noteStart(watch, start(change), learned, true, true);
  return { watch, learned, verdicts: judgeStarts(watch, at) };
}

const alarms = (...args: Parameters<typeof story>) =>
  story(...args).verdicts.filter(({ severity }) => severity !== 'info');

const peer = '203.0.113.7:4444';
const wired = { input: true, output: true, peer };
const dropped = { program: '/tmp/x', programIsNew: true };
const server = { program: '/usr/sbin/nginx' };
const shellOfServer = { program: '/usr/bin/dash', parentProgram: '/usr/sbin/nginx' };

describe('A reverse shell', () => {
  test('is a shell on a connection, whatever started it, and needs no history', () => {
    const shell = { program: '/usr/bin/bash', network: wired };
    expect(alarms([shell], [])).toMatchObject([
      {
        kind: 'reverse-shell',
        severity: 'high',
        technique: { id: 'T1059.004' },
        sentence: `/usr/bin/bash (process 4711, started by /usr/bin/dash) runs with its input and output on a connection to ${peer}.`,
      },
    ]);
    expect(alarms([{ ...shell, program: '/tmp/innocent' }], [])).toMatchObject([
      { kind: 'reverse-shell', severity: 'high' },
    ]);
  });

  test('is found behind a terminal that its parent put between', () => {
    const behind = { network: { input: false, output: false, peer } };
    expect(alarms([{ program: '/usr/bin/bash', ...behind }], [])).toMatchObject([
      { kind: 'reverse-shell', severity: 'high' },
    ]);
    expect(alarms([{ program: '/usr/bin/ls', ...behind }], [])).toEqual([]);
  });

  test('stays the one that is told when something less grave follows', () => {
    const sent = { program: '/usr/bin/nc', network: { input: false, output: true, peer } };
    const [found] = alarms([{ program: '/usr/bin/bash', network: wired }, sent], []);
    expect(found?.severity).toBe('high');
    expect(found?.sentence).toMatch(
      /^\/usr\/bin\/bash .*, the gravest of 2 such starts in 0.1 s\.$/,
    );
    const [other] = alarms([sent, { program: '/usr/bin/bash', network: wired }], []);
    expect(other?.sentence).toMatch(/^\/usr\/bin\/bash .*, the last of 2 such starts in 0.1 s\.$/);
  });

  test('is of medium severity where only the output of another program is sent away', () => {
    const sent = { program: '/usr/bin/cat', network: { input: false, output: true, peer } };
    expect(alarms([sent], [])).toMatchObject([{ severity: 'medium' }]);
  });
});

describe('A dropped program', () => {
  test('is one that nobody built, run where anybody may put it', () => {
    expect(alarms([{}], [dropped])).toMatchObject([
      { kind: 'dropped-program', severity: 'medium', technique: { id: 'T1105' } },
    ]);
  });

  test('in memory needs no history', () => {
    const inMemory = { program: '/memfd:x', inMemory: true, programIsNew: true };
    expect(alarms([inMemory], [])).toMatchObject([
      { kind: 'dropped-program', severity: 'high', technique: { id: 'T1620' } },
    ]);
  });

  test.each([
    ['one that was there before', [{ program: '/tmp/x' }]],
    ['one in a folder of its own', [{ ...dropped, program: '/app/node_modules/.bin/esbuild' }]],
    [
      'one that was just linked',
      [
        { program: '/usr/bin/x86_64-linux-gnu-ld.bfd', arguments: ['ld', '-o', 'x', 'x.o'] },
        dropped,
      ],
    ],
    [
      'one that was just installed',
      [
        { pid: 9, program: '/usr/bin/dpkg', arguments: ['dpkg', '-i', 'x.deb'] },
        { pid: 10, parentPid: 9, parentProgram: '/usr/bin/dpkg', program: '/usr/bin/dpkg-deb' },
        dropped,
      ],
    ],
    [
      'one that a package manager without helpers was told to install',
      [{ program: '/sbin/apk', arguments: ['apk', 'add', '--no-cache', 'jq'] }, dropped],
    ],
  ])('%s is none', (_, then) => {
    expect(alarms([{}], then)).toEqual([]);
  });

  test.each([
    ['a package manager was asked for its version', ['/usr/bin/dpkg', '--version']],
    ['one was asked what is installed', ['/usr/bin/apt-get', '--print-uris', 'update']],
    ['another was asked what is installed', ['/sbin/apk', 'info']],
    ['a linker was asked for its version', ['/usr/bin/ld', '--version']],
    ['a compiler was started that linked nothing', ['/usr/bin/gcc', '-v']],
  ])('is one also when %s', (_, [program = '', ...words]) => {
    const asked = { pid: 9, program, arguments: [program, ...words] };
    const child = { pid: 10, parentPid: 9, parentProgram: program, program: '/usr/bin/cat' };
    expect(alarms([{}], [asked, dropped])).toMatchObject([{ kind: 'dropped-program' }]);
    if (!program.endsWith('dpkg')) {
      expect(alarms([{}], [asked, child, dropped])).toMatchObject([{ kind: 'dropped-program' }]);
    }
    // What calls itself dpkg and was put there builds nothing either, whatever it starts.
    const disguised = { ...asked, program: '/usr/bin/dpkg', programIsNew: true };
    const below = { ...child, parentProgram: '/usr/bin/dpkg' };
    expect(alarms([{}], [disguised, below, dropped])).toMatchObject([{ kind: 'dropped-program' }]);
  });

  test('is one also after a linker that was itself put there, or long ago', () => {
    const linker = { program: '/usr/bin/ld', arguments: ['ld', '-o', 'x', 'x.o'] };
    expect(alarms([{}], [{ ...linker, programIsNew: true }, dropped])).not.toEqual([]);
    expect(alarms([{}], [{ ...linker, at: at - 3_600_000 }, dropped])).not.toEqual([]);
  });

  test('is none where new programs ran while the workload was learned', () => {
    expect(alarms([dropped], [{ ...dropped, program: '/tmp/y' }])).toEqual([]);
  });
});

describe('A set-uid program', () => {
  const shell = {
    program: '/usr/bin/bash',
    gainsRoot: true,
    programIsNew: true,
    uid: 1000,
  } as const;

  test('that was made one since the start is told, also while the workload is learned', () => {
    const verdicts = alarms([shell], []);
    expect(verdicts).toMatchObject([
      {
        kind: 'escape-attempt',
        severity: 'medium',
        technique: { id: 'T1548.001' },
        sentence:
          '/usr/bin/bash (process 4711, started by /usr/bin/dash) made root of user 1000 by its ' +
          'set-uid bit; it was put there or changed since the container started.',
      },
    ]);
    const lying = { ...shell, program: '/tmp/x', programIsNew: false };
    expect(alarms([lying], [])).toMatchObject([{ kind: 'escape-attempt', severity: 'medium' }]);
  });

  test('of the image is none, nor one that was installed, then and later', () => {
    expect(alarms([{ ...shell, program: '/usr/bin/sudo', programIsNew: false }], [])).toEqual([]);
    const dpkg = { pid: 9, program: '/usr/bin/dpkg' };
    const below = {
      pid: 10,
      parentPid: 9,
      parentProgram: '/usr/bin/dpkg',
      program: '/usr/bin/tar',
    };
    const sudo = { ...shell, program: '/usr/bin/sudo' };
    const later = { ...sudo, at: at + 3_600_000 };
    expect(alarms([dpkg, below, sudo, later], [])).toEqual([]);
    expect(alarms([dpkg, below, { ...shell, program: '/tmp/x' }], [])).toHaveLength(1);
  });

  test('is normal once a person holds it so', () => {
    const { watch, learned } = story([shell], []);
    acknowledgeStart(watch, learned, 'escape-attempt/set-uid program', true);
    expect(alarms([], [shell], learned).map(({ kind }) => kind)).not.toContain('escape-attempt');
  });
});

describe('A shell from an odd parent', () => {
  test('is one beneath a server that never started one', () => {
    expect(alarms([server], [shellOfServer])).toMatchObject([
      { kind: 'unusual-process', severity: 'medium', technique: { id: 'T1059' } },
    ]);
  });

  test.each([
    ['that always did', [server, shellOfServer], [shellOfServer]],
    ['that came after learning', [{}], [server, shellOfServer]],
    ['that is a shell', [{}], [{ ...shellOfServer, parentProgram: '/usr/bin/bash' }]],
    ['that runs an agent', [{}], [{ ...shellOfServer, parentProgram: '/usr/bin/node' }]],
    ['whose work it is', [{}], [{ ...shellOfServer, parentProgram: '/usr/bin/make' }]],
    ['outside', [{}], [{ ...shellOfServer, fromOutside: true }]],
  ])('is none beneath one %s', (_, learning, then) => {
    expect(alarms(learning, then)).toEqual([]);
  });

  test('is not learned by itself, and is once a person holds it normal', () => {
    const { watch, learned } = story([server], [shellOfServer]);
    expect(alarms([], [shellOfServer], learned)).toHaveLength(1);
    acknowledgeStart(watch, learned, 'unusual-process/shell from an odd parent', true);
    expect(alarms([], [shellOfServer], learned)).toEqual([]);
    acknowledgeStart(watch, learned, 'unusual-process/shell from an odd parent', false);
    expect(alarms([], [shellOfServer], learned)).toHaveLength(1);
  });
});

describe('A program that never ran before', () => {
  test('is recorded once, and known from then on', () => {
    const { learned, verdicts } = story([{}], [{ program: '/usr/bin/curl' }]);
    expect(verdicts).toMatchObject([{ kind: 'unusual-process', severity: 'info' }]);
    expect(story([], [{ program: '/usr/bin/curl' }], learned).verdicts).toEqual([]);
  });

  test('is not learned while something is wrong', () => {
    const learned = createLearnedStarts();
    noteStart(createStartWatch(), start({ program: '/usr/bin/nc' }), learned, true, false);
    expect(learned.programs.has('/usr/bin/nc')).toBe(false);
  });
});

test('What is learned survives being stored, and never grows beyond its bound', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { maxLength: 50 }), (programs) => {
      const { learned } = story(
        programs.map((program) => ({ program })),
        [],
      );
      expect(unpackStarts(packStarts(learned))).toEqual(learned);
    }),
  );
  const many = Array.from({ length: mostLearnedStarts + 10 }, (_, n) => ({ program: `/bin/${n}` }));
  expect(story(many, []).learned.programs.size).toBe(mostLearnedStarts);
  expect(unpackStarts(undefined)).toEqual(createLearnedStarts());
});
