import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { wallFolder } from '../wall/wall-record.ts';

const noteSchema = z.object({
  /** Of the network namespace that it was put up in. */
  inode: z.number(),
  bridges: z.array(z.string()).readonly(),
  /** What it was made of. */
  ruleset: z.string(),
  digest: z.string(),
  /** It was about to be replaced by another: what stands there now is not known. */
  isChanging: z.literal(true).optional(),
});

/** The gate as it was put up, so that a later monitor, and disarming, know it again. */
export type GateNote = Readonly<z.infer<typeof noteSchema>>;

const file = (inode: number): string => join(wallFolder, `gate-${inode}.json`);

/** The note about the gate in a network namespace; undefined when none was put up in it. */
export function readGateNote(inode: number): GateNote | undefined {
  try {
    const parsed = noteSchema.safeParse(JSON.parse(readFileSync(file(inode), 'utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** Throws when the folder cannot be written. */
export function writeGateNote(note: GateNote): void {
  mkdirSync(wallFolder, { recursive: true, mode: 0o700 });
  writeFileSync(file(note.inode), JSON.stringify(note), { mode: 0o600 });
}

/** Forgets the gate in that network namespace; nothing happens where none was noted. */
export function removeGateNote(inode: number): void {
  rmSync(file(inode), { force: true });
}

/** The network namespaces that a gate was put up in, by inode. */
export function notedGates(): readonly number[] {
  if (!existsSync(wallFolder)) return [];
  return readdirSync(wallFolder).flatMap((name) => {
    const inode = /^gate-(\d+)\.json$/.exec(name)?.[1];
    return inode === undefined ? [] : [Number(inode)];
  });
}
