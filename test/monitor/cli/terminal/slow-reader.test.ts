import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { createSystemTerminal } from '../../../../monitor/cli/terminal/system-terminal.ts';

test('Output is behind while more than 8 MB of it wait to be read.', () => {
  let take: () => void = () => undefined;
  const output = new Writable({ write: (_chunk, _encoding, done) => void (take = done) });
  const terminal = createSystemTerminal({
    input: process.stdin,
    output: output as unknown as NodeJS.WriteStream,
    errors: process.stderr,
    environment: {},
  });
  terminal.write('x'.repeat(8 * 1024 * 1024));
  expect(terminal.isBehind()).toBe(false);
  terminal.write('x');
  expect(terminal.isBehind()).toBe(true);
  take();
  expect(terminal.isBehind()).toBe(false);
});
