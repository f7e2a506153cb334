import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { callNames } from '../syscalls/call-names.ts';
import { expectSystemError } from '../resource/held-file.ts';
import { tracePoints, traceSession } from './trace-session.ts';

/**
 * The file by which `runsc` has each new container tell from its first instruction on, when the
 * engine's configuration names it. It has to stay as long as that does: without it no container starts.
 */
export const traceFile = '/etc/sentra/gvisor-trace.json';

/** Where such a container is heard. Where nobody listens it starts untraced. */
export const usualStartSocket = '/run/sentra-gvisor/start.sock';

/** What the file says: to count all, and to wait for nobody. */
export function traceFileText(startSocket: string = usualStartSocket): string {
  const session = traceSession(startSocket, tracePoints(callNames(process.arch)));
  return `${JSON.stringify({ trace_session: session })}\n`;
}

/** Writes it whole, or leaves what there is. Throws what the file system says. */
export function writeTraceFile(path: string = traceFile, startSocket?: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  const aside = `${path}.new`;
  writeFileSync(aside, traceFileText(startSocket), { mode: 0o644 });
  renameSync(aside, path);
}

/** Writes it anew where a person had it written and this Sentra asks for something else. */
export function renewTraceFile(path: string, startSocket: string): void {
  try {
    if (readFileSync(path, 'utf8') !== traceFileText(startSocket))
      writeTraceFile(path, startSocket);
  } catch (error) {
    // None is there, or it cannot be changed: it then tells what it told.
    expectSystemError(error);
  }
}

/** Removes it; no failure where there is none. */
export function removeTraceFile(path: string = traceFile): void {
  rmSync(path, { force: true });
}
