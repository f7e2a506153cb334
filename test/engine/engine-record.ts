import { randomBytes } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  openSync,
  closeSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { identify, isAlive, waitUntil } from './process-table.ts';

/** Where engines live. Not /tmp: that is often memory, and images take some hundred megabytes. */
export const ENGINE_ROOT = '/var/tmp';
const PREFIX = 'sentra-engine-';
const RECORD = 'engine.json';
const LOCK = join(ENGINE_ROOT, 'sentra-engines.lock');

const identity = z.object({ pid: z.int().positive(), startTicks: z.number() });

const recordSchema = z.object({
  version: z.literal(1),
  id: z.string().regex(/^[0-9a-f]{6}$/),
  /** The boot it belongs to: after a reboot only files are left. */
  bootId: z.string(),
  supervisor: identity,
  /** The engine's addresses are 10.`block`.0.0/16. */
  block: z.int().min(0).max(255),
  /** Changes of the host that engines share; the last engine alive undoes them. */
  shared: z.object({
    /** Directories that were made because they were missing. */
    directories: z.array(z.string().startsWith('/')),
    /** Files under /proc/sys and the value they had before. */
    sysctls: z.record(z.string().startsWith('/proc/sys/net/'), z.string()),
  }),
});

/** What an engine leaves on disk before it changes anything: enough for anybody to remove it. */
export type EngineRecord = z.infer<typeof recordSchema>;

/** The engine's own directory. */
export function engineDirectory(id: string): string {
  return join(ENGINE_ROOT, PREFIX + id);
}

/** A fresh engine id, six hexadecimal digits. */
export function newEngineId(): string {
  return randomBytes(3).toString('hex');
}

/** Changes with every boot. */
export function currentBootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

/** Writes the record so that a reader sees the old one or the new one, never half of one. */
export function writeRecord(record: EngineRecord): void {
  const path = join(engineDirectory(record.id), RECORD);
  writeFileSync(`${path}.new`, JSON.stringify(record), { mode: 0o644 });
  renameSync(`${path}.new`, path);
}

/** All records on this machine, dead or alive. Only what root itself wrote is believed. */
export function readRecords(): EngineRecord[] {
  const records: EngineRecord[] = [];
  for (const name of readdirSync(ENGINE_ROOT)) {
    if (!name.startsWith(PREFIX)) continue;
    const directory = join(ENGINE_ROOT, name);
    try {
      const about = lstatSync(directory);
      if (!about.isDirectory() || about.uid !== 0) continue;
      const text = readFileSync(join(directory, RECORD), 'utf8');
      const parsed = recordSchema.safeParse(JSON.parse(text));
      if (parsed.success && name === PREFIX + parsed.data.id) records.push(parsed.data);
    } catch (error) {
      // Being made, or being removed, by another run just now.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return records;
}

/** Removes directories of runs that were killed before they wrote their record. Needs the lock. */
export function removeUnclaimed(): void {
  for (const name of readdirSync(ENGINE_ROOT)) {
    const directory = join(ENGINE_ROOT, name);
    if (!name.startsWith(PREFIX) || existsSync(join(directory, RECORD))) continue;
    const about = lstatSync(directory);
    if (about.isDirectory() && about.uid === 0) rmSync(directory, { recursive: true, force: true });
  }
}

/** Whether the engine's supervisor runs, so that nobody else may remove it. */
export function isSupervised(record: EngineRecord): boolean {
  return record.bootId === currentBootId() && isAlive(record.supervisor);
}

/** Runs the task while no other supervisor of this machine does. A lock of the dead is taken over. */
export async function withEngineLock<Value>(task: () => Value | Promise<Value>): Promise<Value> {
  const me = JSON.stringify(identify(process.pid));
  const taken = await waitUntil(() => {
    try {
      const file = openSync(LOCK, 'wx', 0o600);
      writeFileSync(file, me);
      closeSync(file);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      dropStaleLock();
      return false;
    }
  }, 60_000);
  if (!taken) throw new Error(`Another run has held ${LOCK} for a minute. End it, or remove it.`);
  try {
    return await task();
  } finally {
    rmSync(LOCK, { force: true });
  }
}

function dropStaleLock(): void {
  let text: string;
  let ageMs: number;
  try {
    text = readFileSync(LOCK, 'utf8');
    ageMs = Date.now() - lstatSync(LOCK).mtimeMs;
  } catch {
    // It has just been released.
    return;
  }
  // Between making and filling the file its owner may have died: an empty one is believed briefly.
  if (text === '' && ageMs < 2000) return;
  const owner = text === '' ? undefined : identity.safeParse(JSON.parse(text));
  if (owner?.success === true && isAlive(owner.data)) return;
  rmSync(LOCK, { force: true });
}
