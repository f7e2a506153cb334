import { spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { KernelProgram } from './kernel-program.ts';

/** A loader that runs: here, or in the helper. It takes lines and tells lines. */
export interface LoaderProcess {
  /** Its process id, where it is a process of this machine's that Sentra started. */
  readonly pid: number | undefined;
  readonly input: Writable;
  readonly output: Readable;
  /** Resolves when it has ended and all it told has been read, to the reason. Never rejects. */
  readonly ended: Promise<string>;
  kill(): void;
}

/** Starts a loader. */
export type StartLoader = () => LoaderProcess;

/** Starts it as a child of this process. */
export function startLoaderHere({ loader, object }: KernelProgram): LoaderProcess {
  const child = spawn(loader, [object]);
  child.stderr.resume();
  return {
    pid: child.pid,
    input: child.stdin,
    output: child.stdout,
    ended: new Promise((resolve) => {
      child.on('error', (error) => resolve(error.message));
      child.on('close', (code, signal) => {
        resolve(`Its loader ended (${signal ?? `exit code ${code ?? '?'}`}).`);
      });
    }),
    kill: () => child.kill('SIGKILL'),
  };
}
