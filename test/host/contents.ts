import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IpcMainInvokeEvent, WebContents } from 'electron';
import type { CDPSession, Page } from 'playwright-core';
import { fromChromium, toChromium } from './browser.ts';
import type { HostBrowser } from './browser.ts';
import { encode } from './codec.ts';
import type { HostIpc } from './ipc.ts';
import { bindingName, pageScripts, receiverName, worldName } from './page-side.ts';
import { preventable, strict } from './strict.ts';

/** What a page is made of. */
export interface ContentsOptions {
  readonly id: number;
  readonly browser: HostBrowser;
  readonly ipc: HostIpc;
  /** The preload's file, absolute; undefined for none. */
  readonly preload: string | undefined;
  readonly size: { readonly width: number; readonly height: number };
}

/** The stand-in's `webContents` and the page behind it. */
export interface HostContents {
  readonly webContents: WebContents;
  /** Resolves with the page of Chromium when there is one. */
  readonly page: Promise<Page>;
  load(url: string): Promise<void>;
  close(): Promise<void>;
}

type OpenHandler = Parameters<WebContents['setWindowOpenHandler']>[0];

/** One page in Chromium with its preload in a world of its own, as a sandboxed window of Electron has. */
export function createHostContents(options: ContentsOptions): HostContents {
  const { id, ipc } = options;
  let world: { session: CDPSession; contextId: number } | undefined;
  let openHandler: OpenHandler = () => ({ action: 'allow' });
  let ownLoad: string | undefined;
  let closed = false;
  const mainFrame = { url: '', routingId: id };

  const emitter = Object.assign(new EventEmitter(), {
    id,
    mainFrame,
    getURL: () => mainFrame.url,
    isDestroyed: () => closed,
    setWindowOpenHandler(handler: OpenHandler) {
      openHandler = handler;
    },
    send(channel: string, ...values: unknown[]) {
      if (closed) throw new TypeError('Object has been destroyed');
      const text = encode(values);
      // As in Electron: what comes before the preload has run is lost.
      void tell({ type: 'event', channel, values: text });
    },
  });
  const webContents = strict('webContents', emitter) as unknown as WebContents;

  async function tell(message: object): Promise<void> {
    if (world === undefined) return;
    const { session, contextId } = world;
    const expression = `${receiverName}(${JSON.stringify(JSON.stringify(message))})`;
    // A page that is just going takes nothing any more.
    await session.send('Runtime.evaluate', { expression, contextId }).catch(() => undefined);
  }

  function ipcEvent(): IpcMainInvokeEvent {
    return {
      type: 'frame',
      sender: webContents,
      senderFrame: mainFrame,
      frameId: id,
      processId: id,
      ports: [],
    } as unknown as IpcMainInvokeEvent;
  }

  async function onBinding(payload: string): Promise<void> {
    const {
      id: call,
      channel,
      values,
    } = JSON.parse(payload) as {
      id: number;
      channel: string;
      values: string;
    };
    const reply = await ipc.invoke(channel, ipcEvent(), values);
    await tell({ type: 'reply', id: call, ...reply });
  }

  async function make(): Promise<Page> {
    const page = await options.browser.newPage(options.size);
    const session = await page.context().newCDPSession(page);
    await session.send('Page.enable');
    await session.send('Runtime.enable');
    const { frameTree } = await session.send('Page.getFrameTree');
    session.on('Runtime.executionContextCreated', ({ context }) => {
      const of = (context.auxData as { frameId?: string } | undefined)?.frameId;
      if (context.name === worldName && of === frameTree.frame.id) {
        world = { session, contextId: context.id };
      }
    });
    session.on('Runtime.executionContextDestroyed', ({ executionContextId }) => {
      if (world?.contextId === executionContextId) world = undefined;
    });
    session.on('Runtime.bindingCalled', ({ payload }) => void onBinding(payload));
    if (options.preload !== undefined) {
      const scripts = pageScripts(readFileSync(options.preload, 'utf8'));
      await session.send('Runtime.addBinding', {
        name: bindingName,
        executionContextName: worldName,
      });
      await session.send('Page.addScriptToEvaluateOnNewDocument', { source: scripts.main });
      await session.send('Page.addScriptToEvaluateOnNewDocument', {
        source: scripts.isolated,
        worldName,
      });
    }
    watch(page);
    await guardNavigation(page);
    return page;
  }

  function watch(page: Page): void {
    page.on('framenavigated', (frame) => {
      if (frame !== page.mainFrame()) return;
      mainFrame.url = fromChromium(frame.url());
    });
    page.on('crash', () => {
      emitter.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 1 });
    });
    page.on('popup', (popup) => {
      const answer = openHandler({ url: fromChromium(popup.url()) } as never);
      if (answer.action === 'deny') void popup.close();
      else throw new Error('stand-in: windows that pages open are not implemented');
    });
  }

  async function guardNavigation(page: Page): Promise<void> {
    await page.route('**/*', async (route) => {
      const request = route.request();
      const isNavigation = request.isNavigationRequest() && request.frame() === page.mainFrame();
      if (!isNavigation) return route.fallback();
      const url = fromChromium(request.url());
      emitter.emit('did-start-navigation', { url, isMainFrame: true, isSameDocument: false });
      if (ownLoad === url) return route.fallback();
      // A reload is a navigation of the page's own too.
      const event = preventable({ url, isMainFrame: true, frame: mainFrame });
      emitter.emit('will-navigate', event, url);
      return event.defaultPrevented ? route.abort('aborted') : route.fallback();
    });
  }

  const page = make();
  page.catch(() => undefined);

  return {
    webContents,
    page,
    async load(url) {
      const made = await page;
      ownLoad = url;
      try {
        await made.goto(toChromium(url), { waitUntil: 'load' });
      } catch (error) {
        if (closed) return;
        const failure = new Error(`ERR_FAILED (-2) loading '${url}': ${String(error)}`);
        throw Object.assign(failure, { errno: -2, code: 'ERR_FAILED', url });
      } finally {
        ownLoad = undefined;
      }
      emitter.emit('did-finish-load');
    },
    async close() {
      closed = true;
      world = undefined;
      const made = await page.catch(() => undefined);
      await made?.close().catch(() => undefined);
    },
  };
}
