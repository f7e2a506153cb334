import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { ContainerId } from '../../model/workload.ts';

/**
 * Where the notes about walls are: root's go with the walls when the machine starts anew. Who has the
 * helper make walls keeps notes of their own; one that is out of date is known by its inode.
 */
export const wallFolder =
  process.getuid?.() === 0
    ? '/run/sentra/egress'
    : join(process.env['XDG_RUNTIME_DIR'] ?? join(homedir(), '.local', 'state'), 'sentra', 'walls');

const noteSchema = z.object({
  fingerprint: z.string(),
  /** The main process in whose network it stands: inodes are given to others at once. */
  pid: z.number(),
  inode: z.number(),
  /** The inode of the resolver's cgroup, which its rules name. */
  resolverCgroup: z.number().optional(),
  devices: z.array(z.string()).readonly(),
  digest: z.string(),
  innerDigest: z.string(),
  /** Tables of others that were there when the wall was first put up in this network. */
  otherTables: z.array(z.string()).readonly(),
  /** It refuses what no rule allows; without it, it only counts. */
  decides: z.literal(true).optional(),
  /** It was about to be replaced by another: what stands there now is not known. */
  isChanging: z.literal(true).optional(),
});

/** What was put up around a container, so that a later monitor knows it again. */
export type WallNote = Readonly<z.infer<typeof noteSchema>>;

/** The folder of one container. */
export function folderOf(container: ContainerId): string {
  return join(wallFolder, container);
}

/** What an earlier run, or this one, put up around the container; undefined for nothing that is known. */
export function readNote(container: ContainerId): WallNote | undefined {
  try {
    const text = readFileSync(join(folderOf(container), 'wall.json'), 'utf8');
    const parsed = noteSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** Whether anything was ever put up around the container since the machine started. */
export function hasNote(container: ContainerId): boolean {
  return existsSync(folderOf(container));
}

/** Throws when the folder cannot be written. */
export function writeNote(container: ContainerId, note: WallNote): void {
  mkdirSync(folderOf(container), { recursive: true, mode: 0o700 });
  writeFileSync(join(folderOf(container), 'wall.json'), JSON.stringify(note), { mode: 0o600 });
}

/** Forgets the wall of that container, with all that is kept in its folder. */
export function removeNote(container: ContainerId): void {
  rmSync(folderOf(container), { recursive: true, force: true });
}

/** Where a guard keeps its notes. */
export interface WallNotes {
  readonly read: (container: ContainerId) => WallNote | undefined;
  readonly has: (container: ContainerId) => boolean;
  readonly write: (container: ContainerId, note: WallNote) => void;
}

/** Notes about walls on this machine. */
export const wallNotes: WallNotes = { read: readNote, has: hasNote, write: writeNote };

/** Notes that end with the process, about walls that are no more than simulated. */
export function createMemoryNotes(): WallNotes {
  const notes = new Map<ContainerId, WallNote>();
  return {
    read: (container) => notes.get(container),
    has: (container) => notes.has(container),
    write: (container, note) => void notes.set(container, note),
  };
}

/** Every container that something was put up around. */
export function notedContainers(): readonly ContainerId[] {
  if (!existsSync(wallFolder)) return [];
  return readdirSync(wallFolder).filter((name) => /^[0-9a-f]{64}$/.test(name));
}
