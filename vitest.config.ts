import { defineConfig } from 'vitest/config';

/** Tests that use a real Docker engine, or measure time: one file after the other, nothing beside. */
const alone = [
  'test/engine/**/*.test.ts',
  'test/scenarios/**/*.test.ts',
  'test/bench/**/*.test.ts',
  'test/e2e/**/*.test.ts',
  'test/monitor/**/*.engine.test.ts',
];

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
          exclude: alone,
          testTimeout: 10_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'engine',
          include: alone,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 1,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
