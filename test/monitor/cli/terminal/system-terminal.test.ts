import { expect, test } from 'vitest';
import { createSystemTerminal } from '../../../../monitor/cli/terminal/system-terminal.ts';

test.each([
  [
    { columns: 0, rows: 0 },
    { columns: 80, rows: 24 },
  ],
  [
    { columns: 20, rows: 50 },
    { columns: 40, rows: 50 },
  ],
  [
    { columns: 132, rows: 43 },
    { columns: 132, rows: 43 },
  ],
])('A terminal that tells the size %j is taken for one of %j.', (told, taken) => {
  const terminal = createSystemTerminal({
    input: process.stdin,
    shown: { isTTY: true, ...told } as unknown as NodeJS.WriteStream,
    output: process.stdout,
    errors: process.stderr,
    environment: {},
  });
  expect(terminal.size()).toEqual(taken);
});
