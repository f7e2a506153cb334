import type { BrowserWindow as BrowserWindowType, WebContents } from 'electron';
import { eventChannel } from '../../preload/channels.ts';
import type { MonitorSnapshot } from '../../monitor/rpc/service/service.ts';
import type { Place, ShellEvent } from '../../preload/shell.ts';
import type { ElectronApi } from '../electron.ts';
import { appUrl } from '../security/scheme.ts';

/** How long a closed window is kept, in milliseconds: whoever opens it again soon finds it as it was. */
const keepClosedMs = 60_000;

/** What an event is before it is numbered. */
export type UnnumberedEvent = ShellEvent extends infer Event
  ? Event extends ShellEvent
    ? Omit<Event, 'sequence'>
    : never
  : never;

/** The one window of Sentra. */
export interface MainWindow {
  /** Makes the window, or shows the one there is, and goes there when it listens. */
  open(place?: Place): void;
  isVisible(): boolean;
  isOwn(contents: WebContents): boolean;
  /** The page listens from now on: it is told what is known, and the place that was asked for. */
  subscribe(contents: WebContents, known: MonitorSnapshot | undefined): void;
  unsubscribe(contents: WebContents): void;
  tell(event: UnnumberedEvent): void;
  /** Closes it as a click on its cross does. */
  close(): void;
  /** Destroys it, and makes none again. */
  destroy(): void;
}

/** What a window needs. */
export interface MainWindowOptions {
  readonly electron: Pick<ElectronApi, 'BrowserWindow' | 'nativeTheme'>;
  /** The preload's bundle, absolute. */
  readonly preload: string;
  /** The icon for task bars, absolute. */
  readonly icon: string;
  /** True while closing the window leaves Sentra in the tray. */
  readonly staysInTray: () => boolean;
  /** The window was closed and nothing is left that could be clicked. */
  readonly onLastClosed: () => void;
  /** From being closed to being destroyed, in milliseconds; a minute when left out. */
  readonly keepClosedMs?: number | undefined;
}

/**
 * A window made on demand. Closed, it is hidden for a minute and then destroyed: a page costs a
 * hundred megabytes, and a tray app has none while nobody looks.
 */
export function createMainWindow(options: MainWindowOptions): MainWindow {
  const { electron, staysInTray } = options;
  let window: BrowserWindowType | undefined;
  let listens = false;
  let sequence = 0;
  let wanted: Place | undefined;
  let timer: NodeJS.Timeout | undefined;
  let ended = false;

  function make(): BrowserWindowType {
    const made = new electron.BrowserWindow({
      width: 1180,
      height: 800,
      minWidth: 720,
      minHeight: 480,
      show: false,
      title: 'Sentra',
      icon: options.icon,
      autoHideMenuBar: true,
      // The colours of styles/tokens.css, so that nothing flashes before the page is drawn.
      backgroundColor: electron.nativeTheme.shouldUseDarkColors ? '#14171b' : '#f4f5f7',
      webPreferences: {
        preload: options.preload,
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        nodeIntegrationInWorker: false,
        nodeIntegrationInSubFrames: false,
        webviewTag: false,
        spellcheck: false,
      },
    });
    made.once('ready-to-show', () => {
      if (window === made && timer === undefined) made.show();
    });
    made.on('close', (event) => {
      if (ended) return;
      if (!staysInTray()) {
        options.onLastClosed();
        return;
      }
      event.preventDefault();
      made.hide();
      clearTimeout(timer);
      timer = setTimeout(() => made.destroy(), options.keepClosedMs ?? keepClosedMs);
    });
    made.on('closed', () => {
      if (window !== made) return;
      clearTimeout(timer);
      timer = undefined;
      window = undefined;
      listens = false;
    });
    // A page that starts anew listens to nothing yet; one that died is made anew. Not when it sets
    // out: a page that is kept from going elsewhere is still there, and listens.
    made.webContents.on('did-navigate', () => {
      listens = false;
    });
    made.webContents.on('render-process-gone', (_event, { reason }) => {
      listens = false;
      if (reason === 'clean-exit' || window !== made) return;
      // One that the person closed is made anew when it is asked for: shown again it would be blank.
      if (timer === undefined) made.loadURL(appUrl).catch(() => undefined);
      else made.destroy();
    });
    // A load that fails is told by the window staying empty; nobody waits for it here.
    made.loadURL(appUrl).catch(() => undefined);
    return made;
  }

  function send(event: UnnumberedEvent): void {
    if (!listens || window === undefined || window.isDestroyed()) return;
    sequence += 1;
    window.webContents.send(eventChannel, { ...event, sequence });
  }

  function goWhereWanted(): void {
    if (wanted === undefined || !listens) return;
    send({ kind: 'navigate', place: wanted });
    wanted = undefined;
  }

  const isOwn = (contents: WebContents): boolean =>
    window !== undefined && !window.isDestroyed() && contents.id === window.webContents.id;

  return {
    open(place) {
      if (ended) return;
      wanted = place ?? wanted;
      clearTimeout(timer);
      timer = undefined;
      if (window === undefined) window = make();
      else {
        if (window.isMinimized()) window.restore();
        window.show();
        window.focus();
      }
      goWhereWanted();
    },
    isVisible: () => window !== undefined && window.isVisible(),
    isOwn,
    subscribe(contents, known) {
      if (!isOwn(contents)) return;
      listens = true;
      if (known !== undefined) send({ kind: 'snapshot', text: JSON.stringify(known) });
      goWhereWanted();
    },
    unsubscribe(contents) {
      if (isOwn(contents)) listens = false;
    },
    tell: send,
    close: () => window?.close(),
    destroy() {
      ended = true;
      clearTimeout(timer);
      window?.destroy();
    },
  };
}
