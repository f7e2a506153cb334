import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { createSystemTerminal } from '../../../../monitor/cli/terminal/system-terminal.ts';
import { openLogOutput } from '../../../../monitor/runtime/log-output.ts';

test('Output is behind while more than 8 MB of it wait to be read.', () => {
  let take: () => void = () => undefined;
  const output = new Writable({ write: (_chunk, _encoding, done) => void (take = done) });
  const terminal = createSystemTerminal({
    input: process.stdin,
    shown: process.stdout,
    output,
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

test('A log that nobody takes is left out beyond 1 MB, and how much of it is said.', () => {
  let take: () => void = () => undefined;
  let taken = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      taken += chunk.toString();
      take = done;
    },
  });
  const say = openLogOutput(stream);
  say('x'.repeat(1024 * 1024));
  say('kept\n');
  say('left out\n');
  say('left out\n');
  expect(stream.writableLength).toBeLessThan(1.1 * 1024 * 1024);
  take();
  take();
  say('newest\n');
  take();
  take();
  expect(taken).not.toContain('left out\n');
  expect(taken).toMatch(/kept\n.*: 2\)\nnewest\n$/);
});
