import type { Writable } from 'node:stream';
import { messageOf } from '../monitor/runtime/logger.ts';
import type { ElectronApi } from './electron.ts';

/** How `sentra disarm` of a packaged Sentra is run. */
export interface DisarmCommandOptions {
  readonly electron: Pick<ElectronApi, 'app' | 'utilityProcess'>;
  /** The command line in one file, absolute. */
  readonly entry: string;
  /** What follows `disarm`. */
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: 'linux' | 'darwin' | 'win32';
  readonly outputs: { readonly output: Writable; readonly errors: Writable };
}

/** How long what the command wrote may be on its way after its end, milliseconds. */
const restMs = 2_000;

/** Resolves when nothing more comes. */
function wholeOf(stream: NodeJS.ReadableStream | null): Promise<void> {
  return new Promise((resolve) => {
    if (stream === null) resolve();
    else for (const event of ['end', 'close', 'error']) stream.once(event, () => resolve());
  });
}

/**
 * Runs the command in a process of its own, as a packaged Electron runs no scripts itself, switches the
 * login item off where only Electron can, and ends with the command's code. Shows nothing and takes
 * nobody's place.
 */
export function runDisarm(options: DisarmCommandOptions): void {
  const { electron, entry, words, environment, platform, outputs } = options;
  const { app, utilityProcess } = electron;
  const end = (code: number): void => {
    outputs.errors.end(() => outputs.output.end(() => app.exit(code)));
  };

  function run(): void {
    const child = utilityProcess.fork(entry, ['disarm', ...words], {
      serviceName: 'sentra-disarm',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: Object.fromEntries(
        Object.entries(environment).flatMap(([name, value]) =>
          value === undefined ? [] : [[name, value]],
        ),
      ),
    });
    child.stdout?.on('data', (chunk: Buffer) => outputs.output.write(chunk));
    child.stderr?.on('data', (chunk: Buffer) => outputs.errors.write(chunk));
    const said = Promise.all([wholeOf(child.stdout), wholeOf(child.stderr)]);
    child.on('exit', (code) => {
      // On Linux it is a file, which the command has removed.
      if (code === 0 && platform !== 'linux') {
        app.setLoginItemSettings({ openAtLogin: false, args: ['--hidden'] });
      }
      // Its end may be known before all that it wrote has come.
      const patience = new Promise((resolve) => setTimeout(resolve, restMs));
      void Promise.race([said, patience]).then(() => end(code));
    });
  }

  app
    .whenReady()
    .then(run)
    .catch((error: unknown) => {
      outputs.errors.write(`Sentra could not disarm: ${messageOf(error)}\n`);
      end(1);
    });
}
