import { spawnSync } from 'node:child_process';

/** Whether this process can act as root: it is root, or sudo asks for no password. */
export function mayActAsRoot(): boolean {
  if (process.getuid?.() === 0) return true;
  return spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0;
}

/** The command line that runs this one as root. */
export function asRoot(commandLine: readonly string[]): string[] {
  return process.getuid?.() === 0 ? [...commandLine] : ['sudo', '-n', ...commandLine];
}
