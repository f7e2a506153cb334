import { spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { Result } from './result.ts';

/** A program that takes lines and tells lines: a child of this process, or one that runs elsewhere. */
export interface LineProcess {
  /** Its process id, where it is a child of this process. */
  readonly pid: number | undefined;
  readonly input: Writable;
  readonly output: Readable;
  /** Resolves when it has ended and all it told has been read, to the reason. Never rejects. */
  readonly ended: Promise<string>;
  kill(): void;
}

/** Starts one, or says why there is nothing to start. */
export type StartLineProcess = () => Result<LineProcess, string>;

/** Starts a program as a child of this process, with those arguments and nothing of its environment. */
export function startLineProcess(path: string, args: readonly string[] = []): LineProcess {
  const child = spawn(path, args, {
    env: { PATH: '/usr/sbin:/sbin:/usr/bin:/bin', LC_ALL: 'C' },
    cwd: '/',
  });
  child.stderr.resume();
  child.stdin.on('error', () => undefined);
  return {
    pid: child.pid,
    input: child.stdin,
    output: child.stdout,
    ended: new Promise((resolve) => {
      child.on('error', (error) => resolve(error.message));
      child.on('close', (code, signal) => {
        resolve(`Its program ended (${signal ?? `exit code ${code ?? '?'}`}).`);
      });
    }),
    kill: () => child.kill('SIGKILL'),
  };
}
