import { spawn } from 'node:child_process';

/** What a command left behind. */
export interface CommandResult {
  /** Exit code; `undefined` when a signal ended it. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a command runs. */
export interface CommandOptions {
  /** Text for its standard input. */
  readonly input?: string;
  /** After this many milliseconds it gets SIGKILL; 60,000 by default. */
  readonly timeoutMs?: number;
}

/**
 * Runs a command without a shell and waits for its end. A command that fails is a value (look at
 * `code`); one that cannot be started at all throws.
 */
export function tryRun(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: options.timeoutMs ?? 60_000,
      killSignal: 'SIGKILL',
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    // A command that ends before it has read its input closes the pipe: its exit code tells.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({
        code: code ?? undefined,
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
      });
    });
  });
}

/** Like {@link tryRun}, but throws with the command's own words when it fails. Gives its output. */
export async function run(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const result = await tryRun(command, args, options);
  if (result.code !== 0) {
    const said = (result.stderr.trim() || result.stdout.trim()).slice(-2000);
    throw new Error(
      `${command} ${args.join(' ')} failed (${result.code ?? 'ended by a signal'}): ${said}`,
    );
  }
  return result.stdout;
}
