import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseCommand } from '../../../monitor/cli/arguments.ts';
import { helpTopics } from '../../../monitor/cli/command.ts';
import { helpText } from '../../../monitor/cli/help.ts';
import { version } from '../../../monitor/cli/version.ts';

const parse = (line: string) => parseCommand(line.split(' ').filter((word) => word !== ''));

test('The options of watch are understood.', () => {
  const line =
    'watch --engine unix:///e --policy p.yaml --learn 10m --interval 500ms --for 30s --json';
  expect(parse(line)).toEqual({
    ok: true,
    value: {
      name: 'watch',
      engine: 'unix:///e',
      policyFile: 'p.yaml',
      learnMs: 600_000,
      intervalMs: 500,
      stateFolder: undefined,
      byApi: false,
      simulate: false,
      forMs: 30_000,
      isJson: true,
    },
  });
});

test.each([
  ['status --json', { name: 'status', isJson: true }],
  ['findings --all', { name: 'findings', all: true }],
  ['pause web', { name: 'act', action: 'pause', target: 'web', yes: false }],
  ['kill web --yes', { name: 'act', action: 'kill', target: 'web', yes: true }],
  ['release -- -web', { name: 'act', action: 'release', target: '-web' }],
  ['watch --record day.rec', { name: 'watch', recordFile: 'day.rec' }],
  ['disarm --yes --state x', { name: 'disarm', yes: true, stateFolder: 'x', isJson: false }],
  ['replay day.rec', { name: 'replay', file: 'day.rec', isJson: false }],
  ['policy check a.yaml', { name: 'policy-check', file: 'a.yaml' }],
  ['', { name: 'help', about: undefined }],
  ['help kill', { name: 'help', about: 'kill' }],
  ['kill --help', { name: 'help', about: 'kill' }],
  ['watch -h', { name: 'help', about: 'watch' }],
  ['--version', { name: 'version' }],
])('"%s" is understood.', (line, command) => {
  expect(parse(line)).toMatchObject({ ok: true, value: command });
});

test.each([
  ['wacht', 'There is no command "wacht".', 'watch'],
  ['watch --jsn', "Unknown option '--jsn'.", 'sentra help watch'],
  ['watch --for', 'argument missing', 'sentra help watch'],
  ['watch --for 30', '--for does not understand "30".', '30s'],
  ['watch --interval 1ms', '--interval 1ms is out of range.', '100 ms'],
  ['watch --interval 15s', '--interval 15s is out of range.', 'blind after 5 s'],
  ['watch --simulate --engine x', 'exclude each other', 'Leave one'],
  ['watch extra', "Unexpected argument 'extra'", 'sentra help watch'],
  ['pause', 'pause needs a container.', 'sentra pause NAME'],
  ['pause a b', 'one container, not 2', 'sentra pause NAME'],
  ['pause web --yes', "Unknown option '--yes'", 'sentra help pause'],
  ['replay', 'replay takes one file.', 'watch --record'],
  ['policy', 'the word check and one file', 'sentra policy check policy.yaml'],
  ['help me', 'There is no command "me".', 'The commands are'],
])('"%s" is answered with what is wrong and how it is right.', (line, message, advice) => {
  const parsed = parse(line);
  expect(parsed).toMatchObject({ ok: false });
  if (parsed.ok) return;
  expect(parsed.error.message).toContain(message);
  expect(parsed.error.advice).toContain(advice);
});

test('No words at all make it throw.', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.string(), fc.constantFrom(...helpTopics, '--', '--json'))),
      (words) => {
        expect(parseCommand(words)).toHaveProperty('ok');
      },
    ),
  );
});

test('Each command has a help text that fits 100 columns and names the command.', () => {
  for (const topic of [undefined, ...helpTopics]) {
    const text = helpText(topic);
    expect(text).toContain(`sentra ${topic ?? 'watch'}`);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  }
});

test('The version is that of the package.', () => {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  expect(JSON.parse(text)).toMatchObject({ version });
});
