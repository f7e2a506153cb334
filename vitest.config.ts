import { defineConfig, type TestProjectConfiguration } from 'vitest/config';

/** Loads that need the machine's cores, and measurements: one after the other. */
const heavy = [
  'test/scenarios/villains.test.ts',
  'test/scenarios/escapes.test.ts',
  'test/scenarios/unusual-calls.test.ts',
  'test/bench/short-forms.test.ts',
];

/** The tray app in Chromium, end to end. */
const app = ['test/e2e/**/*.test.ts'];

/**
 * They compare the host before and after, so that nothing may be started or stopped beside them; or
 * disarm the whole machine, the other lane's walls included; or need the cores for themselves.
 */
const alone = [
  'test/engine/**/*.test.ts',
  'test/monitor/egress/command.engine.test.ts',
  'test/monitor/helper/command.engine.test.ts',
  'test/scenarios/miners.test.ts',
];

/** The rest that uses a real Docker engine: one file after the other, an engine for all. */
const engine = ['test/scenarios/**/*.test.ts', 'test/**/*.engine.test.ts'];

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
      testTimeout: 120_000,
      hookTimeout: 120_000,
      maxWorkers: 1,
      fileParallelism: false,
      sequence: { groupOrder },
    },
  };
}

/** `npm test` runs `heavy` and `app` beside `unit` and `engine`, on an engine each, then `alone`. */
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
          exclude: [...heavy, ...app, ...alone, ...engine],
          testTimeout: 20_000,
          sequence: { groupOrder: 0 },
        },
      },
      oneByOne('engine', engine, [...heavy, ...alone], 1),
      // Before the loads: by the time these begin, the unit tests beside them no longer take the cores.
      oneByOne('app', app, [], 2),
      oneByOne('heavy', heavy, [], 3),
      oneByOne('alone', alone, [], 4),
    ],
  },
});
