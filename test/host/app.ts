import { EventEmitter } from 'node:events';
import type { App, LoginItemSettingsOptions, ProcessMetric } from 'electron';
import { preventable, strict } from './strict.ts';

/** How the app is played. */
export interface HostAppOptions {
  /** Where the app itself is, absolute. */
  readonly appPath: string;
  readonly pathOf: (name: string) => string;
  readonly version: string;
  /** Takes the lock of the single instance; false when another of the person's has it. */
  readonly takeLock: () => boolean;
  /** Resolves when the program is loaded: the app is ready in a later turn. */
  readonly loaded: Promise<unknown>;
  readonly metrics: () => readonly ProcessMetric[];
  /** Closes every window, as quitting does; false when one of them refused. */
  readonly closeWindows: () => boolean;
  /** Destroys every window, which none can refuse. */
  readonly destroyWindows: () => void;
}

/** The stand-in's `app`, and what the world outside does to it. */
export interface HostApp {
  readonly app: App;
  isReady(): boolean;
  /** Another instance was started, with these arguments. */
  startSecond(words: readonly string[], folder?: string): void;
  emit(event: string, ...values: unknown[]): void;
  /** The last window is closed. */
  onAllClosed(): void;
  /** Resolves with the exit code when the app has ended. */
  readonly ended: Promise<number>;
}

/** An app whose life goes as lib/browser/api/app.ts and shell/browser/browser.cc of Electron have it. */
export function createHostApp(options: HostAppOptions): HostApp {
  let ready = false;
  let quitting = false;
  let over = false;
  const whenReady = Promise.withResolvers<undefined>();
  const ended = Promise.withResolvers<number>();
  const switches = new Map<string, string>();
  let loginItem: LoginItemSettingsOptions & { openAtLogin?: boolean } = {};

  const beforeReady = (what: string): void => {
    if (ready) throw new Error(`${what} can only be called before app is ready`);
  };

  function end(code: number): void {
    if (over) return;
    over = true;
    emitter.emit('quit', {}, code);
    ended.resolve(code);
  }

  function quit(): void {
    if (over || quitting) return;
    quitting = true;
    const before = preventable({});
    emitter.emit('before-quit', before);
    if (before.defaultPrevented || !options.closeWindows()) {
      quitting = false;
      return;
    }
    const will = preventable({});
    emitter.emit('will-quit', will);
    quitting = false;
    if (!will.defaultPrevented) end(0);
  }

  const methods = {
    requestSingleInstanceLock: () => options.takeLock(),
    enableSandbox: () => beforeReady('app.enableSandbox()'),
    setAppUserModelId: () => undefined,
    isReady: () => ready,
    whenReady: () => whenReady.promise.then(() => undefined),
    quit,
    exit(code = 0) {
      quitting = true;
      options.destroyWindows();
      end(code);
    },
    getVersion: () => options.version,
    getPath: (name) => options.pathOf(name),
    getAppPath: () => options.appPath,
    getAppMetrics: () => [...options.metrics()],
    isPackaged: false,
    commandLine: strict('commandLine', {
      appendSwitch(name: string, value = '') {
        switches.set(name.toLowerCase(), value);
      },
      hasSwitch: (name: string) => switches.has(name.toLowerCase()),
      getSwitchValue: (name: string) => switches.get(name.toLowerCase()) ?? '',
    }) as unknown as App['commandLine'],
    // As on Windows: an item is found by the arguments it was made with.
    getLoginItemSettings({ args = [] } = {}) {
      const isIt = args.join('\n') === (loginItem.args ?? []).join('\n');
      return { openAtLogin: isIt && loginItem.openAtLogin === true } as never;
    },
    setLoginItemSettings(settings) {
      loginItem = settings;
    },
  } satisfies Partial<App>;
  const emitter = Object.assign(new EventEmitter(), methods);

  // Never in the turn in which the program is loaded. What could not be loaded is never ready.
  options.loaded.then(
    () =>
      setTimeout(() => {
        if (over) return;
        ready = true;
        whenReady.resolve(undefined);
        emitter.emit('ready', {}, {});
      }, 0),
    () => undefined,
  );

  return {
    app: strict('app', emitter) as unknown as App,
    isReady: () => ready,
    startSecond: (words, folder = options.appPath) =>
      emitter.emit('second-instance', {}, [...words], folder, {}),
    emit: (event, ...values) => emitter.emit(event, ...values),
    onAllClosed() {
      if (quitting || over) return;
      if (!emitter.emit('window-all-closed')) quit();
    },
    ended: ended.promise,
  };
}
