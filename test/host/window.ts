import { EventEmitter } from 'node:events';
import type {
  BrowserWindow,
  BrowserWindowConstructorOptions,
  WebContents,
  webContents,
} from 'electron';
import type { Page } from 'playwright-core';
import type { HostBrowser } from './browser.ts';
import { createHostContents } from './contents.ts';
import type { HostContents } from './contents.ts';
import type { HostIpc } from './ipc.ts';
import { preventable, strict } from './strict.ts';

/** A window as a person and a test see it. */
export interface RecordedWindow {
  readonly options: BrowserWindowConstructorOptions;
  readonly page: Promise<Page>;
  readonly contents: WebContents;
  isVisible(): boolean;
  isDestroyed(): boolean;
  /** As a click on the cross does. */
  closeByPerson(): void;
}

/** What the windows of an app depend on. */
export interface WindowSurroundings {
  readonly browser: HostBrowser;
  readonly ipc: HostIpc;
  readonly isReady: () => boolean;
  /** Told of each page made, as the app is by `web-contents-created`. */
  readonly onContents: (contents: WebContents) => void;
  readonly onAllClosed: () => void;
}

/** What the app has of windows, and those that are open. */
export interface HostWindows {
  readonly BrowserWindow: typeof BrowserWindow;
  readonly webContents: Pick<typeof webContents, 'fromDevToolsTargetId'>;
  readonly windows: readonly RecordedWindow[];
}

/** The stand-in's `BrowserWindow`. */
export function createHostWindows(around: WindowSurroundings): HostWindows {
  const windows: HostWindow[] = [];
  /** A window as the app has it. */
  const handles = new WeakMap<HostWindow, BrowserWindow>();
  let made = 0;

  class HostWindow extends EventEmitter implements RecordedWindow {
    readonly id: number;
    readonly options: BrowserWindowConstructorOptions;
    readonly webContents: WebContents;
    private readonly host: HostContents;
    private visible: boolean;
    private destroyed = false;

    constructor(options: BrowserWindowConstructorOptions = {}) {
      super();
      if (!around.isReady()) throw new Error('Cannot create BrowserWindow before app is ready');
      demandSandbox(options);
      made += 1;
      this.id = made;
      this.options = options;
      this.visible = options.show !== false;
      this.host = createHostContents({
        id: made,
        browser: around.browser,
        ipc: around.ipc,
        preload: options.webPreferences?.preload,
        size: { width: options.width ?? 800, height: options.height ?? 600 },
      });
      this.webContents = this.host.webContents;
      windows.push(this);
      // Where Chromium shows its windows, a person may close one of those.
      void this.host.page.then(
        (page) => page.once('close', () => this.loseByPerson()),
        () => undefined,
      );
      around.onContents(this.webContents);
      const handle = strict('BrowserWindow', this);
      handles.set(this, handle as unknown as BrowserWindow);
      return handle;
    }

    static getAllWindows(): readonly BrowserWindow[] {
      return windows.flatMap((window) => handles.get(window) ?? []);
    }

    static fromWebContents(contents: WebContents): BrowserWindow | null {
      const window = windows.find((each) => each.webContents === contents);
      return (window && handles.get(window)) ?? null;
    }

    get targetId(): string {
      return this.host.targetId();
    }

    get page(): Promise<Page> {
      return this.host.page;
    }

    get contents(): WebContents {
      return this.webContents;
    }

    async loadURL(url: string): Promise<void> {
      this.demandLife();
      await this.host.load(url);
      if (!this.destroyed) this.emit('ready-to-show');
    }

    show(): void {
      this.setVisible(true);
    }

    hide(): void {
      this.setVisible(false);
    }

    focus(): void {
      this.demandLife();
    }

    restore(): void {
      this.demandLife();
    }

    isMinimized(): boolean {
      this.demandLife();
      return false;
    }

    isVisible(): boolean {
      return this.visible && !this.destroyed;
    }

    isDestroyed(): boolean {
      return this.destroyed;
    }

    close(): void {
      this.demandLife();
      const event = preventable({});
      this.emit('close', event);
      if (!event.defaultPrevented) this.destroy();
    }

    closeByPerson(): void {
      this.close();
    }

    private loseByPerson(): void {
      if (this.destroyed) return;
      this.close();
      // What was closed there cannot be kept, whatever the app says.
      this.destroy();
    }

    destroy(): void {
      if (this.destroyed) return;
      this.destroyed = true;
      windows.splice(windows.indexOf(this), 1);
      void this.host.close();
      this.emit('closed');
      if (windows.length === 0) around.onAllClosed();
    }

    private setVisible(visible: boolean): void {
      this.demandLife();
      if (visible === this.visible) return;
      this.visible = visible;
      void tellVisibility(this.host.page, visible);
      this.emit(visible ? 'show' : 'hide');
    }

    private demandLife(): void {
      if (this.destroyed) throw new TypeError('Object has been destroyed');
    }
  }

  return {
    BrowserWindow: HostWindow as unknown as typeof BrowserWindow,
    webContents: strict('webContents', {
      fromDevToolsTargetId: (id: string) =>
        windows.find(({ targetId }) => targetId === id)?.webContents,
    }),
    windows,
  };
}

/** Only such pages are played: what else Electron can do would have to be played too. */
function demandSandbox({ webPreferences = {} }: BrowserWindowConstructorOptions): void {
  const { sandbox, contextIsolation, nodeIntegration } = webPreferences;
  if (sandbox === false || contextIsolation === false || nodeIntegration === true) {
    throw new Error('stand-in: pages without sandbox and isolation are not implemented');
  }
}

/** Chromium without a screen takes every page for visible; a page learns by its own means here. */
async function tellVisibility(page: Promise<Page>, visible: boolean): Promise<void> {
  const tell = (state: string): void => {
    Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
    Object.defineProperty(document, 'hidden', { value: state === 'hidden', configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  };
  try {
    await (await page).evaluate(tell, visible ? 'visible' : 'hidden');
  } catch {
    // The page is gone, or has not come yet: then it learns nothing.
  }
}
