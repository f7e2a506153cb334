import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

interface FileReport {
  readonly name: string;
  readonly status: string;
  readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
}

interface Report {
  readonly success: boolean;
  readonly testResults: readonly FileReport[];
}

interface SecondLook {
  readonly filesForSecondLook: (reports: readonly (Report | undefined)[]) => readonly string[];
  readonly afterSecondLook: (
    reports: readonly Report[],
    second: Report | undefined,
  ) => { readonly reports: readonly Report[]; readonly unsteady: readonly string[] };
}

const root = join(import.meta.dirname, '../..');
const script = join(root, 'scripts/second-look.mjs');
// The scripts are plain JavaScript, which no project of TypeScript takes in.
const { filesForSecondLook, afterSecondLook } = (await import(script)) as SecondLook;

const file = (name: string, statuses: Readonly<Record<string, string>>): FileReport => ({
  name: join(root, name),
  status: Object.values(statuses).includes('failed') ? 'failed' : 'passed',
  assertionResults: Object.entries(statuses).map(([fullName, status]) => ({ fullName, status })),
});
const report = (...testResults: readonly FileReport[]): Report => ({
  success: testResults.every(({ status }) => status === 'passed'),
  testResults,
});

const wall = 'test/monitor/egress/start.engine.test.ts';
const failed = report(
  file(wall, { holds: 'failed', opens: 'passed' }),
  file('test/a.test.ts', { a: 'passed' }),
);

describe('A second look at tests that failed beside others', () => {
  test('is taken at the files that failed, and at nothing else', () => {
    expect(filesForSecondLook([failed, undefined])).toEqual([wall]);
    expect(filesForSecondLook([report(file('test/a.test.ts', { a: 'passed' }))])).toEqual([]);
  });

  test('is not taken where much failed', () => {
    const many = Array.from({ length: 9 }, (_, each) =>
      file(`test/e2e/${each}.test.ts`, { a: 'failed' }),
    );
    expect(filesForSecondLook([report(...many.slice(1))])).toHaveLength(8);
    expect(filesForSecondLook([report(...many)])).toEqual([]);
  });

  test('what passes then is named as unsteady', () => {
    const second = report(file(wall, { holds: 'passed', opens: 'passed' }));
    const looked = afterSecondLook([failed], second);
    expect(looked.reports[0]?.success).toBe(true);
    expect(looked.unsteady).toEqual(['unsteady: failed beside other tests, passed alone: holds']);
  });

  test('what fails again stays failed, and so does what was not run again', () => {
    for (const second of [report(file(wall, { holds: 'failed' })), undefined]) {
      const looked = afterSecondLook([failed], second);
      expect(looked.reports[0]?.success).toBe(false);
      expect(looked.unsteady).toEqual([]);
      expect(JSON.stringify(looked.reports)).toContain('"failed"');
    }
  });
});
