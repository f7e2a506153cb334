import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import packageDescription from '../../package.json' with { type: 'json' };
import type { NativeTheme, PowerMonitor, Shell } from 'electron';
import type { ElectronApi } from '../../main/electron.ts';
import { createHostApp } from './app.ts';
import type { HostApp } from './app.ts';
import { createHostBrowser, launchChromium } from './browser.ts';
import type { HostBrowser } from './browser.ts';
import { createHostIpc } from './ipc.ts';
import type { HostIpc } from './ipc.ts';
import { createHostMenu } from './menu.ts';
import { createHostNotification } from './notification.ts';
import type { RecordedNotification } from './notification.ts';
import { createHostSession } from './session.ts';
import type { HostSession } from './session.ts';
import { strict } from './strict.ts';
import { createHostNativeImage, createHostTray } from './tray.ts';
import type { RecordedTray } from './tray.ts';
import { createHostUtilityProcesses } from './utility-process.ts';
import type { HostUtilityProcesses } from './utility-process.ts';
import { createHostWindows } from './window.ts';
import type { HostWindows, RecordedWindow } from './window.ts';

/** What the packaged app reads of itself. */
const { version: programVersion } = packageDescription;

/** How a desktop is played. */
export interface HostOptions {
  /** A folder of its own, absolute. */
  readonly folder: string;
  readonly version?: string;
  readonly isSecond?: boolean;
  /** Without a screen; true when left out. */
  readonly headless?: boolean;
  /** The desktop's own colours. */
  readonly isDark?: boolean;
  readonly reducedMotion?: boolean;
  /** What it has besides when it is a program of its own (program/main.ts). */
  readonly program?: Partial<HostProgram>;
}

/** What the stand-in has when it is a program of its own. */
export interface HostProgram {
  readonly appPath: string;
  readonly pathOf: (name: string) => string;
  readonly takeLock: () => boolean;
  readonly loaded: Promise<unknown>;
  readonly launch: () => Promise<Browser>;
}

/** A desktop that is played: Electron's API for the shell, and what a person sees and does. */
export interface Host {
  readonly electron: ElectronApi;
  /** What a driver asks for besides. */
  readonly webContents: HostWindows['webContents'];
  readonly app: HostApp;
  readonly ipc: HostIpc;
  readonly session: HostSession;
  readonly browser: HostBrowser;
  readonly children: HostUtilityProcesses;
  readonly windows: readonly RecordedWindow[];
  readonly trays: readonly RecordedTray[];
  readonly notifications: readonly RecordedNotification[];
  /** Addresses that were handed to the person's browser. */
  readonly opened: readonly string[];
  /** The machine goes to sleep or woke up, as powerMonitor tells it. */
  power(event: 'suspend' | 'resume'): void;
  /** Takes everything down, however the app is. */
  close(): Promise<void>;
}

/** Plays a desktop. What is not played throws when it is used. */
export function createHost(options: HostOptions): Host {
  const {
    appPath = options.folder,
    pathOf = (name: string) => join(options.folder, name),
    takeLock = () => options.isSecond !== true,
    loaded = Promise.resolve(),
    launch = () => launchChromium(options.headless ?? true),
  } = options.program ?? {};
  const app = createHostApp({
    appPath,
    pathOf,
    version: options.version ?? programVersion,
    takeLock,
    loaded,
    metrics: () => children.metrics(),
    closeWindows() {
      for (const window of [...windows.windows]) window.closeByPerson();
      return windows.windows.length === 0;
    },
    destroyWindows() {
      for (const window of windows.BrowserWindow.getAllWindows()) window.destroy();
    },
  });
  const isReady = (): boolean => app.isReady();
  const ipc = createHostIpc();
  const session = createHostSession(isReady);
  const theme = createTheme(options.isDark === true, () => void repaint());
  const browser = createHostBrowser(session, {
    launch,
    colorScheme: theme.scheme,
    ...(options.reducedMotion === undefined ? {} : { reducedMotion: options.reducedMotion }),
  });
  const windows = createHostWindows({
    browser,
    ipc,
    isReady,
    onContents: (contents) => app.emit('web-contents-created', {}, contents),
    onAllClosed: () => app.onAllClosed(),
  });
  const tray = createHostTray(isReady);
  const notification = createHostNotification(isReady);
  const children = createHostUtilityProcesses(isReady);
  const power = new EventEmitter();
  const opened: string[] = [];

  async function repaint(): Promise<void> {
    const colorScheme = theme.scheme();
    await Promise.allSettled(browser.pages().map((page) => page.emulateMedia({ colorScheme })));
  }

  const shell = {
    openExternal(url: string) {
      opened.push(url);
      return Promise.resolve();
    },
  } satisfies Partial<Shell>;

  return {
    electron: {
      app: app.app,
      BrowserWindow: windows.BrowserWindow,
      ipcMain: ipc.ipcMain,
      Menu: createHostMenu(),
      nativeImage: createHostNativeImage(),
      nativeTheme: theme.nativeTheme,
      Notification: notification.Notification,
      powerMonitor: strict('powerMonitor', power) as unknown as PowerMonitor,
      protocol: session.protocol,
      session: strict('session', {
        defaultSession: session.session,
      }) as unknown as ElectronApi['session'],
      shell: strict('shell', shell) as unknown as Shell,
      Tray: tray.Tray,
      utilityProcess: children.utilityProcess,
    },
    webContents: windows.webContents,
    app,
    ipc,
    session,
    browser,
    children,
    windows: windows.windows,
    trays: tray.trays,
    notifications: notification.notifications,
    opened,
    power: (event) => void power.emit(event),
    async close() {
      await children.killAll();
      await browser.close();
    },
  };
}

function createTheme(
  systemIsDark: boolean,
  onChange: () => void,
): { readonly nativeTheme: NativeTheme; readonly scheme: () => 'light' | 'dark' } {
  let source: NativeTheme['themeSource'] = 'system';
  const isDark = (): boolean => (source === 'system' ? systemIsDark : source === 'dark');
  const emitter = new EventEmitter();
  const nativeTheme = Object.defineProperties(emitter, {
    themeSource: {
      get: () => source,
      set(next: NativeTheme['themeSource']) {
        source = next;
        onChange();
        emitter.emit('updated');
      },
    },
    shouldUseDarkColors: { get: isDark },
  });
  return {
    nativeTheme: strict('nativeTheme', nativeTheme) as unknown as NativeTheme,
    scheme: () => (isDark() ? 'dark' : 'light'),
  };
}
