import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  mostProcesses,
  processEntries,
} from '../../../../monitor/sensors/process/process-table.ts';

describe('the process table', () => {
  test('is read by its titles, whatever their order', () => {
    const table = {
      titles: ['CMD', 'PPID', 'PID', 'UID'],
      rows: [['sh -c x', '1', '42', 'root'], ['x'], []],
    };
    expect(processEntries(table)).toEqual({
      processes: [{ pid: 42, parentPid: 1, user: 'root', command: 'sh -c x' }],
      omitted: 2,
    });
  });

  test('is cut at its bound, and what is left out is counted', () => {
    const rows = Array.from({ length: 3000 }, (_, index) => [String(index + 1), 'x'.repeat(5000)]);
    const { processes, omitted } = processEntries({ titles: ['PID', 'COMMAND'], rows });
    expect(processes).toHaveLength(mostProcesses);
    expect(omitted).toBe(2500);
    expect(processes[0]?.command).toHaveLength(1000);
  });

  test('never throws and loses no row without counting it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string(), { maxLength: 6 }),
        fc.array(fc.array(fc.string(), { maxLength: 6 }), { maxLength: 20 }),
        (titles, rows) => {
          const { processes, omitted } = processEntries({ titles: [...titles, 'PID'], rows });
          expect(processes.length + omitted).toBe(rows.length);
        },
      ),
    );
  });
});
