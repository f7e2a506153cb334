import { expect, test } from 'vitest';
import { parseCommand } from '../../../../monitor/cli/arguments.ts';
import { gvisorLines } from '../../../../monitor/cli/gvisor/gvisor-words.ts';

const file = '/etc/sentra/gvisor-trace.json';
const runc = { name: 'runc', path: 'runc', args: [] };
const runsc = { name: 'runsc', path: '/usr/bin/runsc', args: ['--platform=systrap'] };
const traced = { ...runsc, args: [...runsc.args, `--pod-init-config=${file}`] };
const words = (runtimes: Parameters<typeof gvisorLines>[0], hasFile: boolean): string =>
  gvisorLines(runtimes, file, hasFile).join('\n');

test('An engine without gVisor is told of as one.', () => {
  expect(words([runc], false)).toBe('This engine has no runtime of gVisor.');
});

test('What is to be added to the engine’s configuration is printed whole, with the arguments that are there.', () => {
  const text = words([runc, runsc], false);
  expect(text).toContain('sudo sentra gvisor install');
  const json = text.slice(text.indexOf('  {'), text.lastIndexOf('}') + 1);
  expect(JSON.parse(json)).toEqual({
    runtimes: {
      runsc: {
        path: '/usr/bin/runsc',
        runtimeArgs: ['--platform=systrap', `--pod-init-config=${file}`],
      },
    },
  });
  expect(words([runsc], true)).not.toContain('gvisor install');
});

test('A runtime that names the file needs nothing more; without the file it starts nothing, and that is said.', () => {
  expect(words([traced], true)).toBe(
    'runsc: seen from the first instruction on, while a monitor runs as root.',
  );
  expect(words([traced], false)).toContain('no container of it starts');
  const apart = { ...runsc, args: ['--pod-init-config', file] };
  expect(words([apart], true)).toBe(words([traced], true));
});

test('What is traced for somebody else is left to them.', () => {
  const other = { ...runsc, args: ['--pod-init-config=/etc/other.json'] };
  expect(words([other], true)).toMatch(/^runsc: traced from the start for something else/);
  expect(words([other], true)).not.toContain('daemon.json');
});

test('gvisor takes one of three words, or none.', () => {
  const verbOf = (line: string): unknown => {
    const parsed = parseCommand(line.split(' '));
    return parsed.ok ? parsed.value : parsed.error.message;
  };
  expect(verbOf('gvisor')).toMatchObject({ name: 'gvisor', verb: 'status', isJson: false });
  expect(verbOf('gvisor remove --json')).toMatchObject({ verb: 'remove', isJson: true });
  expect(verbOf('gvisor --help')).toEqual({ name: 'help', about: 'gvisor' });
  expect(verbOf('gvisor uninstall')).toContain('install, status, remove');
});
