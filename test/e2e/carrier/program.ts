import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import { _electron } from 'playwright-core';
import type { ElectronApplication, Page } from 'playwright-core';
import type { Carrier, CarrierOptions, SeenDesktop } from './carrier.ts';
import type { ChosenProgram } from './chosen-program.ts';

const root = join(import.meta.dirname, '../../..');
const built = join(root, 'dist', 'app');
const recorder = join(import.meta.dirname, 'recorder.cjs');

/** How long Sentra may take to stop, in milliseconds. */
const patienceMs = 20_000;

/** What recorder.cjs has in the main process. */
interface Recorder {
  look(): SeenDesktop;
  choose(labels: readonly string[]): void;
  press(index: number, button: string): void;
  clickNotification(index: number): void;
  closeWindow(): void;
  power(event: 'suspend' | 'resume'): void;
  versions(): Versions;
}

interface Versions {
  readonly electron?: string;
  readonly chrome?: string;
  readonly node?: string;
}

/**
 * Starts Sentra's built main process in a program that takes Electron's command line, and drives it by
 * Playwright as it drives Electron: Electron itself where it is, the stand-in as a program where not.
 */
export async function startInProgram(
  program: ChosenProgram,
  { engine, folder }: CarrierOptions,
): Promise<Carrier> {
  const environment = desktopEnvironment(folder);
  const own = [built, `--engine=${engine}`];
  const application = await _electron.launch({
    executablePath: program.path,
    args: ['-r', recorder, ...own],
    env: environment,
    // As a person starts it: pages in the sandbox that Sentra asks for, colours as Sentra sets them.
    chromiumSandbox: true,
    colorScheme: null,
    timeout: 60_000,
  });
  const child = application.process();
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  let output = '';
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ask = recorderOf(application);
  async function end(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const closed = application.close().catch(() => undefined);
    await within(ended).catch(() => killGroup(child.pid));
    await closed;
  }
  let seenOn: string;
  try {
    seenOn = sentenceOf(await ask('versions'));
  } catch (error) {
    // Nobody else has hold of it yet.
    await end();
    throw error;
  }

  return {
    seenOn,
    openPage: () => drawnPage(application),
    look: () => ask('look'),
    choose: (...labels) => ask('choose', labels),
    clickNotification: (index) => ask('clickNotification', index),
    press: (index, button) => ask('press', index, button),
    closeWindow: () => ask('closeWindow'),
    power: (event) => ask('power', event),
    async startAgain() {
      const second = spawn(program.path, own, { env: environment, stdio: 'ignore' });
      const gone = once(second, 'exit').then(([code]) => code as number | null);
      try {
        return (await within(gone)) ?? -1;
      } finally {
        second.kill('SIGKILL');
      }
    },
    output: () => output,
    async quit() {
      // The program may be gone before it can answer.
      await ask('choose', ['Quit Sentra']).catch(() => undefined);
      return (await within(ended)) ?? -1;
    },
    end,
  };
}

/** The end, if it comes in time. */
async function within(end: Promise<number | null>): Promise<number | null> {
  const patience = new Promise<never>((_resolve, reject) =>
    setTimeout(() => reject(new Error('Sentra did not end.')), patienceMs).unref(),
  );
  return Promise.race([end, patience]);
}

/** Ends a program with all that it started: Playwright gives each a group of its own. */
function killGroup(pid: number | undefined): void {
  if (pid === undefined || pid <= 1) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // It ended meanwhile.
  }
}

/** What it was, by its own word; nothing but Electron has a version of Electron. */
function sentenceOf({ electron, chrome, node }: Versions): string {
  return electron === undefined
    ? `the stand-in for Electron, as a program driven by Playwright, on Node ${node ?? '?'}; not on Electron itself`
    : `Electron ${electron} (Chromium ${chrome ?? '?'}, Node ${node ?? '?'}), driven by Playwright`;
}

type Answers = { [Name in keyof Recorder]: ReturnType<Recorder[Name]> };

function recorderOf(application: ElectronApplication) {
  return async <Name extends keyof Recorder>(
    name: Name,
    ...values: Parameters<Recorder[Name]>
  ): Promise<Answers[Name]> =>
    (await application.evaluate(
      (_electronModule, [method, given]) => {
        const { seenDesktop } = globalThis as unknown as {
          seenDesktop: Record<string, (...of: unknown[]) => unknown>;
        };
        // Nothing of what a listener gives back can be handed out of the process.
        const result = seenDesktop[method]?.(...given);
        return method === 'look' || method === 'versions' ? result : undefined;
      },
      [name, values] as [string, unknown[]],
    )) as Answers[Name];
}

/** The page of the window that there is now; a window that was closed for good has another. */
async function drawnPage(application: ElectronApplication): Promise<Page> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const page = application.windows().find((each) => !each.isClosed());
    if (page !== undefined) {
      page.setDefaultTimeout(60_000);
      await page.getByRole('main').waitFor();
      return page;
    }
    if (performance.now() > deadline) throw new Error('Waited in vain for a window.');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A person's surroundings with folders of their own, on a desktop that says it shows tray icons. */
function desktopEnvironment(folder: string): Record<string, string> {
  const { XDG_RUNTIME_DIR: runtime, WAYLAND_DISPLAY: display, ...rest } = process.env;
  const programs = join(folder, 'programs');
  mkdirSync(programs, { recursive: true });
  const answer = join(programs, 'dbus-send');
  writeFileSync(answer, '#!/bin/sh\necho "   boolean true"\n');
  chmodSync(answer, 0o755);
  const given: Record<string, string | undefined> = {
    ...rest,
    PATH: `${programs}${delimiter}${process.env['PATH'] ?? ''}`,
    HOME: folder,
    XAUTHORITY: process.env['XAUTHORITY'] ?? join(homedir(), '.Xauthority'),
    XDG_CONFIG_HOME: join(folder, 'config'),
    XDG_RUNTIME_DIR: folder,
    // Relative, it would be looked for in the runtime folder, which is another one here.
    WAYLAND_DISPLAY:
      display === undefined || runtime === undefined || isAbsolute(display)
        ? display
        : join(runtime, display),
    SENTRA_STATE: join(folder, 'state'),
  };
  return Object.fromEntries(
    Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
