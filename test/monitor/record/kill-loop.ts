import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import type { Store } from '../../../monitor/record/store.ts';
import { expectOk, nineOClock, openForTest, temporaryFolder } from './examples.ts';

const child = fileURLToPath(new URL('kill-loop-child.ts', import.meta.url));

const minute = 60_000;

/** After everything that the writer ever writes, by its clock. */
const theEnd = nineOClock + 20_000 * minute;

/** As many samples as the writer adds before each flush. */
const samplesPerFlush = 10;

/** How often to kill, and when: after as many acknowledgements, and a moment more, at random. */
export interface KillLoopOptions {
  readonly rounds: number;
  /** A kill comes after 1 to this many acknowledgements. */
  readonly mostAcknowledged: number;
  /** And up to this much later, so that it hits any point of a write. */
  readonly latestMs: number;
  /** From 0 up to 1. */
  readonly random: () => number;
}

/** What the kills did; `missing` and `integrity` say what went wrong. */
export interface KillLoopReport {
  readonly kills: number;
  /** Writes that the store had acknowledged before a kill. */
  readonly acknowledged: number;
  /** Acknowledged, and not in the file afterwards, in words. Empty when all is well. */
  readonly missing: readonly string[];
  /** What PRAGMA integrity_check said after each kill, `ok` left out. Empty when all is well. */
  readonly integrity: readonly string[];
}

/** What has been acknowledged so far, over all rounds. */
interface Expected {
  readonly findings: Map<string, number>;
  /** By number; the ids are `action-0` and so on. */
  readonly actions: Map<number, string>;
  readonly held: Set<string>;
  /** Neither has to be there nor may not: its release was begun. */
  readonly releasing: Set<string>;
  readonly released: Set<string>;
  samples: number;
  kills: number;
  lines: number;
}

/**
 * Lets a process write to one file and kills it with SIGKILL, again and again, then each time opens
 * the file and looks for everything that was acknowledged. The file lives in a temporary folder.
 */
export async function runKillLoop(options: KillLoopOptions): Promise<KillLoopReport> {
  const folder = temporaryFolder();
  const path = join(folder.path, 'sentra.sqlite');
  const missing: string[] = [];
  const integrity: string[] = [];
  const expected: Expected = {
    findings: new Map(),
    actions: new Map(),
    held: new Set(),
    releasing: new Set(),
    released: new Set(),
    samples: 0,
    kills: 0,
    lines: 0,
  };
  try {
    for (let round = 0; round < options.rounds; round += 1) {
      await writeAndKill(path, options, expected);
      integrity.push(...checkIntegrity(path));
      missing.push(...compare(path, expected).map((what) => `kill ${round + 1}: ${what}`));
      if (missing.length > 20) break;
    }
  } finally {
    folder.dispose();
  }
  return { kills: expected.kills, acknowledged: expected.lines, missing, integrity };
}

async function writeAndKill(
  path: string,
  { mostAcknowledged, latestMs, random }: KillLoopOptions,
  expected: Expected,
): Promise<void> {
  // Beyond what the last process may have begun without being heard.
  const first = Math.max(-2, ...[...expected.actions.keys()].slice(-1)) + 2;
  const writer = spawn(process.execPath, [child, path, String(first)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let complaint = '';
  writer.stderr.on('data', (data: Buffer) => {
    complaint += data.toString();
  });
  const closed = new Promise<NodeJS.Signals | null>((resolve) => {
    writer.once('close', (_code, signal) => resolve(signal));
  });
  const killAt = expected.lines + 1 + Math.floor(random() * mostAcknowledged);
  let timer: Promise<void> | undefined;
  for await (const line of createInterface({ input: writer.stdout })) {
    note(line, expected);
    if (expected.lines < killAt) continue;
    timer ??= delay(latestMs * random()).then(() => void writer.kill('SIGKILL'));
  }
  await timer;
  const signal = await closed;
  if (signal !== 'SIGKILL') throw new Error(`The writer ended by itself: ${complaint}`);
  expected.kills += 1;
}

function note(line: string, expected: Expected): void {
  const [what, id = '', detail = ''] = line.split(' ');
  // The pipe may end in the middle of a line.
  if (detail === '') return;
  expected.lines += 1;
  switch (what) {
    case 'finding':
      expected.findings.set(id, Number(detail));
      break;
    case 'action':
      expected.actions.set(Number(id), detail);
      break;
    case 'held':
      expected.held.add(id);
      break;
    case 'releasing':
      expected.held.delete(id);
      expected.releasing.add(id);
      break;
    case 'released':
      expected.released.add(id);
      break;
    case 'samples':
      expected.samples += Number(id);
      break;
    default:
      throw new Error(`The writer said: ${line}`);
  }
}

function checkIntegrity(path: string): readonly string[] {
  const file = new DatabaseSync(path);
  const rows = file.prepare('PRAGMA integrity_check').all();
  file.close();
  return rows.map((row) => String(row['integrity_check'])).filter((line) => line !== 'ok');
}

function compare(path: string, expected: Expected): readonly string[] {
  const store = openForTest(path, { now: () => theEnd });
  try {
    return [...compareRows(store, expected), ...compareSamples(store, expected)];
  } finally {
    store.close();
  }
}

function compareRows(store: Store, expected: Expected): string[] {
  const missing: string[] = [];
  if (store.origin.kind === 'damaged') missing.push(store.origin.reason);
  for (const [id, at] of expected.findings) {
    const found = expectOk(store.findings.get(id));
    if (found === undefined || found.finding.at < at) missing.push(`${id} of ${at}`);
  }
  const actions = new Map(
    expectOk(store.actions.list({ limit: 1000 })).map((one) => [one.id, one.outcome.state]),
  );
  // Of very many only the latest are listed; the others were looked at after the kills before.
  for (const [number, state] of [...expected.actions].slice(-900)) {
    const found = actions.get(`action-${number}`);
    if (found === undefined || (state === 'proved' && found !== 'proved')) {
      missing.push(`action-${number} ${state}`);
    }
  }
  const held = new Set(expectOk(store.containments.all()).map(({ container }) => container));
  for (const container of expected.held) {
    if (!held.has(container)) missing.push(`containment of ${container}`);
  }
  for (const container of expected.released) {
    if (held.has(container)) missing.push(`release of ${container}`);
  }
  if (store.lost().refusedRows > 0) missing.push(`${store.lost().refusedRows} rows unreadable`);
  return missing;
}

/** Every flush that was acknowledged is there, none twice, and all roll-ups know the same. */
function compareSamples(store: Store, expected: Expected): string[] {
  const hours = countSamples(store, 'hour');
  const minutes = countSamples(store, 'minute');
  const wrong: string[] = [];
  if (hours !== minutes) wrong.push(`${minutes} samples in minutes, ${hours} in hours`);
  if (hours < expected.samples) wrong.push(`${expected.samples - hours} samples`);
  // Each kill may have come between a flush and its acknowledgement.
  const most = expected.samples + expected.kills * samplesPerFlush;
  if (hours > most) wrong.push(`none: ${hours - most} samples are counted twice`);
  return wrong;
}

function countSamples(store: Store, resolution: 'minute' | 'hour'): number {
  let count = 0;
  const part = 5000 * (resolution === 'minute' ? minute : 60 * minute);
  for (let from = nineOClock; from < theEnd; from += part) {
    const spans = expectOk(store.samples.read('builder', from, from + part, resolution));
    for (const { series } of spans) count += series.pids?.count ?? 0;
  }
  return count;
}
