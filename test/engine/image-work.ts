import { randomBytes } from 'node:crypto';
import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ENGINE_ROOT } from './engine-record.ts';
import { identify, isAlive } from './process-table.ts';

const NAME = /^sentra-image-(\d+)-(\d+)-[0-9a-f]+$/;

/** A path for an image's making whose name tells which process makes it. */
export function imageWorkDirectory(): string {
  const { pid, startTicks } = identify(process.pid) ?? { pid: 0, startTicks: 0 };
  return join(ENGINE_ROOT, `sentra-image-${pid}-${startTicks}-${randomBytes(4).toString('hex')}`);
}

/** Removes what killed runs left of images they made. */
export function removeDeadImageWork(): void {
  for (const name of readdirSync(ENGINE_ROOT)) {
    const match = NAME.exec(name);
    if (match === null) continue;
    const directory = join(ENGINE_ROOT, name);
    if (isAlive({ pid: Number(match[1]), startTicks: Number(match[2]) })) continue;
    if (lstatSync(directory).uid === 0) rmSync(directory, { recursive: true, force: true });
  }
}
