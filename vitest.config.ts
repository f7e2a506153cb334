import { availableParallelism } from 'node:os';
import { defineConfig, type TestProjectConfiguration } from 'vitest/config';

/** Loads that need the machine's cores: one after the other. */
const heavy = ['test/scenarios/villains.test.ts', 'test/bench/short-forms.test.ts'];

/** They mostly wait: for a monitor, an engine or a clock to get over what went wrong, or to see it. */
const patient = ['test/scenarios/faults-*.test.ts', 'test/scenarios/escapes.test.ts'];

/** The short forms of the benches of what things cost. */
const figures = ['test/bench/short-forms-figures.test.ts', 'test/bench/short-forms-egress.test.ts'];

/** They wait for minutes and use hardly a core meanwhile. */
const slow = [
  'test/scenarios/villains-slow.test.ts',
  'test/scenarios/faults-put-off.test.ts',
  'test/scenarios/unusual-calls.test.ts',
];

/** The tray app end to end, what is about its shell: tray, windows, engines, what it does to containers. */
const shell = [
  'test/e2e/{ask,contain,each-host,egress,look-back,monitor-killed,security,settings,start,tray-all}.test.ts',
  'test/host/contract-page.test.ts',
  'test/host/program/program.test.ts',
];

/** The tray app's screens in Chromium, end to end. */
const app = ['test/e2e/**/*.test.ts'];

/**
 * They compare the host before and after, so that nothing may be started or stopped beside them; or
 * disarm the whole machine, the other lane's walls included; or need the cores for themselves.
 */
const alone = [
  'test/engine/host-unchanged.test.ts',
  'test/monitor/egress/command.engine.test.ts',
  'test/monitor/helper/command.engine.test.ts',
  'test/scenarios/miners.test.ts',
];

/** Sensors on a real Docker engine. */
const sensors = ['test/monitor/sensors/**/*.engine.test.ts'];

/** The helper container, and its programs as they are built. */
const helper = [
  'test/monitor/helper/**/*.engine.test.ts',
  'test/monitor/helper/requests.test.ts',
  'test/monitor/helper/port.test.ts',
];

/** The rest that uses a real Docker engine or what is built first: one file after the other. */
const engine = [
  'test/engine/**/*.test.ts',
  'test/scenarios/**/*.test.ts',
  'test/**/*.engine.test.ts',
  'test/main/packaging.test.ts',
];

function oneByOne(
  name: string,
  include: readonly string[],
  exclude: readonly string[],
  groupOrder: number,
): TestProjectConfiguration {
  return {
    extends: true,
    test: {
      name,
      include: [...include],
      exclude: [...exclude],
      testTimeout: 240_000,
      hookTimeout: 240_000,
      maxWorkers: 1,
      fileParallelism: false,
      // As in `unit`: the modules are read once for all files.
      isolate: false,
      sequence: { groupOrder },
    },
  };
}

/**
 * `npm test` begins with `unit`, which needs no engine, while the engines are prepared. Then come the
 * others, some beside each other (scripts/test-run.mjs), and `alone` at the end.
 */
export default defineConfig({
  test: {
    // Child processes: what one kind of tests stops, or leaks, harms no other kind.
    pool: 'forks',
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [
            ...[...heavy, ...patient, ...figures, ...slow, ...shell, ...app],
            ...[...alone, ...sensors, ...helper, ...engine],
          ],
          testTimeout: 120_000,
          // Many wait for a clock or a process of theirs: more at once than there are cores.
          maxWorkers: 2 * availableParallelism(),
          // Starting a process and reading all modules anew for each file takes a third of the CPU time.
          isolate: false,
          sequence: { groupOrder: 0 },
        },
      },
      oneByOne('slow', slow, [], 1),
      oneByOne('patient', patient, slow, 2),
      oneByOne(
        'engine',
        engine,
        [...heavy, ...patient, ...slow, ...sensors, ...helper, ...alone],
        3,
      ),
      oneByOne('shell', shell, [], 4),
      oneByOne('app', app, shell, 5),
      oneByOne('sensors', sensors, [], 6),
      oneByOne('helper', helper, alone, 7),
      oneByOne('figures', figures, [], 8),
      oneByOne('heavy', heavy, [], 9),
      oneByOne('alone', alone, [], 10),
    ],
  },
});
