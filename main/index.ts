import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  app,
  BrowserWindow,
  ipcMain,
  Menu,
  nativeImage,
  nativeTheme,
  Notification,
  powerMonitor,
  protocol,
  session,
  shell,
  Tray,
  utilityProcess,
} from 'electron';
import { openLogOutput } from '../monitor/runtime/log-output.ts';
import { createLogger } from '../monitor/runtime/logger.ts';
import { openStandardOutputs } from '../monitor/runtime/terminal-output.ts';
import { readArguments } from './arguments.ts';
import { runDisarm } from './disarm-command.ts';
import { startShell } from './shell.ts';
import { findTrayHost } from './tray/tray-host.ts';

// The entry on Electron itself. What it hands on is all that the shell knows of Electron.
const folder = dirname(fileURLToPath(import.meta.url));
const dist = dirname(folder);
const words = readArguments(process.argv.slice(app.isPackaged ? 1 : 2));
const platform =
  process.platform === 'win32' || process.platform === 'darwin' ? process.platform : 'linux';
// The terminal that the app was started from may be gone, or take nothing: the app goes on.
const outputs = openStandardOutputs(process.stdout, process.stderr);
const log = openLogOutput(outputs.errors);

if (words.disarm === undefined) show();
else disarm(words.disarm);

/** What a package's uninstaller runs, and a person in a terminal. */
function disarm(rest: readonly string[]): void {
  runDisarm({
    electron: { app, utilityProcess },
    entry: join(dist, 'command', 'cli.mjs'),
    words: rest,
    environment: process.env,
    platform,
    outputs,
  });
}

function show(): void {
  startShell({
    electron: {
      app,
      BrowserWindow,
      ipcMain,
      Menu,
      nativeImage,
      nativeTheme,
      Notification,
      powerMonitor,
      protocol,
      session,
      shell,
      Tray,
      utilityProcess,
    },
    places: {
      preload: join(dist, 'preload', 'index.cjs'),
      pages: join(dist, 'renderer'),
      trayIcons: join(dist, 'icons', 'tray'),
      windowIcon: join(dist, 'icons', 'window.png'),
      monitorEntry: join(dist, 'monitor', 'process.mjs'),
    },
    platform,
    environment: process.env,
    home: homedir(),
    isHidden: words.isHidden,
    monitor: words.monitor,
    monitorFlags: ['--max-semi-space-size=2', '--efficiency-mode'],
    // An AppImage runs from a mount that is another each time; its own file is told beside. What is not
    // packaged is Electron's own program, which has to be told what to run.
    loginCommand: [
      process.env['APPIMAGE'] ?? app.getPath('exe'),
      ...(app.isPackaged ? [] : [app.getAppPath()]),
      '--hidden',
    ],
    findTrayHost: () => findTrayHost(platform),
    onMonitorOutput: log,
    logger: createLogger(log),
  });
}
