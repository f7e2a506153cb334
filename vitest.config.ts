import { defineConfig, type TestProjectConfiguration } from 'vitest/config';

/** Loads that need the machine's cores: one after the other. */
const heavy = ['test/scenarios/villains.test.ts', 'test/bench/short-forms.test.ts'];

/** They mostly wait: for a monitor, an engine or a clock to get over what went wrong. */
const patient = [
  'test/scenarios/faults-*.test.ts',
  'test/bench/short-forms-figures.test.ts',
  'test/engine/dockerode-engine.test.ts',
  'test/engine/private-engine.test.ts',
];

/** The tray app in Chromium, end to end. */
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

/** The rest that uses a real Docker engine: one file after the other, an engine for all. */
const engine = [
  'test/scenarios/**/*.test.ts',
  'test/**/*.engine.test.ts',
  'test/bench/short-forms-egress.test.ts',
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
      sequence: { groupOrder },
    },
  };
}

/**
 * `npm test` runs three lanes beside each other, on an engine each: `app` and `heavy`; `engine`; `unit`
 * and `patient`. Then `alone`.
 */
export default defineConfig({
  test: {
    // A child process each: a test that stops a process, or leaks one, harms no other.
    pool: 'forks',
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...heavy, ...patient, ...app, ...alone, ...engine],
          testTimeout: 120_000,
          // By itself vitest takes one less than there are cores; most of these tests' time is waiting.
          maxWorkers: 3,
          sequence: { groupOrder: 0 },
        },
      },
      oneByOne('engine', engine, [...heavy, ...patient, ...alone], 1),
      // Before the loads: by the time these begin, the unit tests beside them no longer take the cores.
      oneByOne('app', app, [], 2),
      oneByOne('heavy', heavy, [], 3),
      oneByOne('patient', patient, [], 4),
      oneByOne('alone', alone, [], 5),
    ],
  },
});
