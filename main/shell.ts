import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessOptions } from '../monitor/rpc/process-message.ts';
import { systemClock } from '../monitor/runtime/clock.ts';
import type { Clock } from '../monitor/runtime/clock.ts';
import { messageOf } from '../monitor/runtime/logger.ts';
import type { Logger } from '../monitor/runtime/logger.ts';
import type { Appearance, MonitorState, ShellState, TrayHost } from '../preload/shell.ts';
import { createCommands } from './commands.ts';
import type { ElectronApi } from './electron.ts';
import { openDoor } from './ipc/door.ts';
import { monitorHandlers } from './ipc/monitor-handlers.ts';
import { shellHandlers } from './ipc/shell-handlers.ts';
import { createLoginItem } from './login-item/login-item.ts';
import { createGuardVoice } from './notifications/guard-news.ts';
import { createNotifier } from './notifications/notifier.ts';
import { snapshotOf } from './picture/picture.ts';
import { createWatch } from './picture/watch.ts';
import { hardenAllContents, hardenSession } from './security/harden.ts';
import { appOrigin, registerScheme, serveScheme } from './security/scheme.ts';
import { openEngineChoice } from './settings/choose-engine.ts';
import { openFirstDay } from './settings/first-day.ts';
import { openShellSettings } from './settings/shell-settings.ts';
import { startMonitorProcess } from './supervisor/monitor-process.ts';
import { createHandsOff } from './supervisor/hands-off.ts';
import { findOtherMonitor } from './supervisor/other-monitor.ts';
import { startSupervisor } from './supervisor/supervisor.ts';
import { trayFace } from './tray/face.ts';
import { createTrayIcon } from './tray/tray.ts';
import { createMainWindow } from './windows/main-window.ts';

/** Where the shell finds its parts; all absolute. */
export interface ShellPlaces {
  readonly preload: string;
  /** The folder of the pages. */
  readonly pages: string;
  readonly trayIcons: string;
  readonly windowIcon: string;
  /** What runs in the monitor's process. */
  readonly monitorEntry: string;
}

/** What the shell finds around it. */
export interface ShellOptions {
  readonly electron: ElectronApi;
  readonly places: ShellPlaces;
  readonly platform: 'linux' | 'darwin' | 'win32';
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** Start in the tray, without a window. */
  readonly isHidden: boolean;
  /** How the monitor is started. */
  readonly monitor: ProcessOptions;
  /** Node's options for the monitor's process. */
  readonly monitorFlags: readonly string[];
  /** What starts Sentra when the person logs in. */
  readonly loginCommand: readonly string[];
  readonly findTrayHost: () => Promise<TrayHost>;
  readonly logger: Logger;
  /** Takes what the monitor's process writes for people. */
  readonly onMonitorOutput: (text: string) => void;
  /** From closing the window to its end, in milliseconds; a minute when left out. */
  readonly keepClosedMs?: number;
  /** After so long a desktop that showed no tray icons is asked once more, milliseconds. */
  readonly trayAgainMs?: number;
  /** The machine's when left out. */
  readonly clock?: Clock;
}

/**
 * Starts the desktop shell: what must be set before Electron is ready, at once and in order, the
 * rest when it is. A second instance of the same person makes the first one show its window, and ends.
 */
export function startShell(options: ShellOptions): void {
  const { electron, logger } = options;
  const { app } = electron;
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return;
  }
  app.enableSandbox();
  if (options.platform === 'win32') app.setAppUserModelId('dev.sentra.app');
  registerScheme(electron);
  hardenAllContents(electron, logger);
  if (options.platform !== 'darwin') electron.Menu.setApplicationMenu(null);
  // With a listener, Electron does not quit when the last window is closed.
  app.on('window-all-closed', () => undefined);
  app
    .whenReady()
    .then(() => run(options))
    .catch((error: unknown) => {
      logger.error(`Sentra could not start: ${messageOf(error)}`);
      app.exit(1);
    });
}

async function run(options: ShellOptions): Promise<void> {
  const { electron, places, platform, logger, clock = systemClock } = options;
  const { app } = electron;
  hardenSession(electron.session.defaultSession, logger);
  serveScheme(electron, places.pages);

  let trayHost: TrayHost = 'unknown';
  let demonstration = options.monitor.simulate === true;
  let monitorState: MonitorState = { state: 'starting', since: clock.now() };

  const settings = openShellSettings(join(app.getPath('userData'), 'window.json'), logger);
  electron.nativeTheme.themeSource = settings.appearance();
  const choice = openEngineChoice({
    named: options.monitor.engine,
    settings,
    client: () => supervisor.client(),
    restartMonitor: () => void supervisor.restart(),
  });
  const loginItem = createLoginItem({
    electron,
    platform,
    environment: options.environment,
    home: options.home,
    command: options.loginCommand,
  });

  const shellState = (): ShellState => ({
    program: app.getVersion(),
    platform,
    monitor: monitorState,
    demonstration,
    engine: choice.engine(),
    appearance: settings.appearance(),
    loginItem: loginItem.read(),
    trayHost,
    lookBackDue: firstDay.isDue(),
    lookBackAwaited: firstDay.isAwaited(),
  });
  const tellShell = (): void => window.tell({ kind: 'shell', shell: shellState() });

  const window = createMainWindow({
    electron,
    preload: places.preload,
    icon: places.windowIcon,
    staysInTray: () => trayHost === 'present',
    onLastClosed: () => app.quit(),
    keepClosedMs: options.keepClosedMs,
  });

  const commands = createCommands({
    client: () => supervisor.client(),
    picture: () => watch.picture(),
    open: (place) => window.open(place),
    notifier: { tell: (key, notice) => notifier.tell(key, notice) },
    restartMonitor: () => void supervisor.restart(),
    quit: () => app.quit(),
  });
  const notifier = createNotifier({
    electron,
    platform,
    clock,
    async askAbout(id) {
      const held = await supervisor.client()?.egressHeld();
      return held?.ok === true ? held.value.questions.find((each) => each.id === id) : undefined;
    },
    onDeed: commands.notice,
  });
  const guard = createGuardVoice(monitorState, (notice) => notifier.tell('guard', notice));

  const tray = createTrayIcon(
    { electron, platform, iconFolder: places.trayIcons, onCommand: commands.tray },
    trayFace(monitorState, undefined),
  );
  const showTray = (): void => tray.show(trayFace(monitorState, watch.picture(), firstDay.isDue()));
  const firstDay = openFirstDay({
    settings,
    clock,
    onChange() {
      showTray();
      tellShell();
    },
  });
  const watch = createWatch({
    onEvent(event, picture) {
      window.tell({ kind: 'monitor', event });
      notifier.onEvent(event, picture);
    },
    onLost: (count) => window.tell({ kind: 'lost', count }),
    onChange() {
      showTray();
      const picture = watch.picture();
      if (picture !== undefined) guard.onConnection(picture.connection);
    },
  });

  const supervisor = startSupervisor({
    start: () =>
      startMonitorProcess({
        electron,
        entry: places.monitorEntry,
        flags: options.monitorFlags,
        environment: options.environment,
        program: app.getVersion(),
        monitor: {
          ...options.monitor,
          engine: choice.engine(),
          ...(demonstration ? { simulate: true } : {}),
        },
        onOutput: options.onMonitorOutput,
      }),
    attach: (engineId) => findOtherMonitor(engineId, options, app.getVersion()),
    clock,
    random: Math.random,
    onState(state, client) {
      monitorState = state;
      // What a demonstration shows is nobody's day.
      if (state.state === 'running' && !demonstration) firstDay.begin();
      watch.follow(client);
      guard.onMonitor(state);
      showTray();
      tellShell();
    },
  });

  openDoor({
    electron,
    origin: appOrigin,
    isOwnWindow: (contents) => window.isOwn(contents),
    logger,
    handlers: {
      ...monitorHandlers(() => supervisor.client()),
      ...shellHandlers({
        electron,
        window,
        loginItem,
        state: shellState,
        known() {
          const picture = watch.picture();
          return picture === undefined ? undefined : snapshotOf(picture);
        },
        restartMonitor: () => void supervisor.restart(),
        demonstrate(on) {
          demonstration = on;
          void supervisor.restart();
        },
        setEngine: (endpoint) => choice.choose(endpoint),
        lookedBack: () => firstDay.finish(),
        handsOff: createHandsOff({ supervisor, loginItem, onDone: tellShell }),
        setAppearance(appearance: Appearance) {
          settings.setAppearance(appearance);
          electron.nativeTheme.themeSource = appearance;
          tellShell();
        },
      }),
    },
  });

  // Started with the session it stays in the tray, also where it runs already.
  app.on('second-instance', (_event, words) => {
    if (!words.includes('--hidden')) window.open();
  });
  app.on('activate', () => window.open());
  // What is shown is from before the machine slept: all of it is asked anew.
  electron.powerMonitor.on('resume', () => watch.follow(supervisor.client()));
  stopBeforeQuitting(options, async () => {
    notifier.stop();
    firstDay.stop();
    window.destroy();
    tray.remove();
    await supervisor.stop();
  });

  trayHost = await options.findTrayHost();
  if (trayHost !== 'present') logger.warn('This desktop shows no tray icons: the window stays.');
  tellShell();
  if (!options.isHidden || trayHost !== 'present') window.open();
  if (trayHost === 'present') return;
  // Started with the session, Sentra may have come before the panel.
  await delay(options.trayAgainMs ?? 10_000, undefined, { ref: false });
  trayHost = await options.findTrayHost();
  if (trayHost === 'present') tellShell();
}

/** Holds the end back once, until everything has been stopped and written. */
function stopBeforeQuitting({ electron, logger }: ShellOptions, stop: () => Promise<void>): void {
  let stopping: Promise<void> | undefined;
  let stopped = false;
  electron.app.on('before-quit', (event) => {
    if (stopped) return;
    event.preventDefault();
    stopping ??= stop()
      .catch((error: unknown) => logger.error(`Something did not stop: ${messageOf(error)}`))
      .then(() => {
        stopped = true;
        electron.app.quit();
      });
  });
}
