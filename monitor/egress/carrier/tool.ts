import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { plainText } from '../../runtime/plain-text.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';

/** Where the system's own programs are; nothing else is ever run. */
export const systemFolders: readonly string[] = ['/usr/sbin', '/sbin', '/usr/bin', '/bin'];

/** The programs that walls are made with, and the Debian package that brings each. */
const packages = {
  nsenter: 'util-linux',
  nft: 'nftables',
  dnsmasq: 'dnsmasq-base',
  setpriv: 'util-linux',
} as const;

export type ToolName = keyof typeof packages;

const timeoutMs = 10_000;
const mostOutputBytes = 32 * 1024 * 1024;

/** The program's path, or a sentence that says what is missing. */
export function findTool(
  name: ToolName,
  folders: readonly string[] = systemFolders,
): Result<string, string> {
  for (const folder of folders) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return ok(path);
    } catch {
      // Not here; look in the next place.
    }
  }
  return failed(`${name} is missing on this machine: install the package ${packages[name]}.`);
}

/** The environment of every program that is run: nothing of whoever started Sentra. */
export const toolEnvironment = { PATH: systemFolders.join(':'), LC_ALL: 'C' } as const;

/** A program to run: its path, its arguments one by one, and what it reads. Never a shell. */
export interface ToolRun {
  readonly path: string;
  readonly args: readonly string[];
  readonly input?: string;
  /** Handed on as descriptor 3. */
  readonly descriptor?: number;
}

/** Runs it to its end, at most 10 s; what it wrote, or a sentence that says how it failed. */
export function runTool({
  path,
  args,
  input,
  descriptor,
}: ToolRun): Promise<Result<string, string>> {
  return new Promise((resolve) => {
    const child = spawn(path, args, {
      stdio: ['pipe', 'pipe', 'pipe', ...(descriptor === undefined ? [] : [descriptor])],
      env: toolEnvironment,
      cwd: '/',
    });
    const output: Buffer[] = [];
    const errors: Buffer[] = [];
    let bytes = 0;
    const limit = setTimeout(() => {
      child.kill('SIGKILL');
      // What is frozen does not end, and keeps its output open.
      resolve(failed(`${path} did not end within ${timeoutMs / 1000} s.`));
    }, timeoutMs);
    const [stdin, stdout, stderr] = child.stdio;
    stdout?.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > mostOutputBytes) child.kill('SIGKILL');
      else output.push(chunk);
    });
    stderr?.on('data', (chunk: Buffer) => {
      if (errors.length < 16) errors.push(chunk);
    });
    // A program that ended before it had read all says why by its code.
    stdin?.on('error', () => undefined);
    child.on('error', (error) => {
      clearTimeout(limit);
      resolve(failed(`${path} could not be started: ${error.message}`));
    });
    child.on('close', (code, signal) => {
      clearTimeout(limit);
      if (code === 0) {
        resolve(ok(Buffer.concat(output).toString('utf8')));
        return;
      }
      const said = plainText(Buffer.concat(errors).toString('utf8').trim(), 500);
      resolve(failed(`${path} failed (${signal ?? code ?? 'unknown'}): ${said}`));
    });
    stdin?.end(input ?? '');
  });
}
