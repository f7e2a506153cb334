import { mkdtempSync, rmSync, truncateSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCommand } from '../../../monitor/cli/run.ts';
import { startRecording } from '../../../monitor/pipeline/recording/recording.ts';
import { createMemoryTerminal } from './memory-terminal.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sentra-replay-'));
  file = join(folder, 'day.rec');
});

afterEach(() => rmSync(folder, { recursive: true }));

async function replay(...words: string[]) {
  const terminal = createMemoryTerminal();
  const code = await runCommand(['replay', ...words], {
    terminal,
    surroundings: { environment: {}, platform: 'linux', home: folder },
    uid: 0,
    temporaryFolder: folder,
    workingFolder: folder,
    start: () => Promise.reject(new Error('A replay starts no monitor.')),
    listStanding: () => Promise.reject(new Error('A replay looks at nothing else.')),
    stopped: new AbortController().signal,
  });
  return { code, terminal };
}

/** A container that is killed for its memory, half a minute after it was taken in. */
async function recordDay(): Promise<void> {
  const recording = startRecording(
    file,
    { startedAt: 0, learnMs: 300_000, hostCpus: 2 },
    { monotonic: () => 0, onEnd: (reason) => expect.unreachable(reason) },
  );
  if (!recording.ok) throw new Error(recording.error);
  const of = { workload: 'acme/agent#web', container: 'c'.repeat(64) };
  recording.value.add({ kind: 'begin', ...of, learned: undefined, open: [], sibling: undefined });
  const event = { name: 'out-of-memory' } as const;
  recording.value.add({
    kind: 'observation',
    observation: { kind: 'lifecycle', at: 30_000, ...of, event },
  });
  await recording.value.close();
}

test('A recording is judged again, without an engine.', async () => {
  await recordDay();
  const { code, terminal } = await replay('day.rec');
  expect(terminal.complaints).toEqual([]);
  expect(terminal.written).toMatch(/finding {2}\w+ {2}acme\/agent#web: .*memory/);
  expect(terminal.written).toContain('Replayed 1 container: 1 finding.');
  expect(code).toBe(0);
});

test('With --json it is one object a line.', async () => {
  await recordDay();
  const { terminal } = await replay('day.rec', '--json');
  const lines = terminal.written.trim().split('\n');
  const told = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(told.at(0)).toMatchObject({ type: 'finding', finding: { kind: 'out-of-memory' } });
  expect(told.at(-1)).toMatchObject({ type: 'summary', containers: 1, lost: 0, closed: true });
});

test('What is missing or damaged is said.', async () => {
  expect((await replay('none.rec')).code).toBe(1);
  writeFileSync(file, 'no recording');
  expect((await replay('day.rec')).terminal.complaints.join(' ')).toContain('cannot be replayed');
  rmSync(file);
  await recordDay();
  truncateSync(file, statSync(file).size - 12);
  const { terminal } = await replay('day.rec');
  expect(terminal.complaints.join(' ')).toContain('Its end is missing');
});
