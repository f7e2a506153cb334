import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IpcMainInvokeEvent, WebContents } from 'electron';
import type { CDPSession, Page } from 'playwright-core';
import type { HostBrowser } from './browser.ts';
import { encode } from './codec.ts';
import type { HostIpc } from './ipc.ts';
import { fromChromium, toChromium } from './loopback.ts';
import { bindingName, pageScripts, receiverName, worldName } from './page-side.ts';
import type { HostMessage } from './page-side.ts';
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
  /** What the DevTools protocol calls the page; empty until there is one. */
  targetId(): string;
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
  let mainFrameId = '';
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
      void tell('event', channel, text);
    },
  });
  const webContents = strict('webContents', emitter) as unknown as WebContents;

  async function tell(...message: HostMessage): Promise<void> {
    if (world === undefined) return;
    const { session, contextId } = world;
    // As arguments: within an expression every quotation mark would be escaped twice.
    await session
      .send('Runtime.callFunctionOn', {
        functionDeclaration: `(...message) => ${receiverName}(...message)`,
        executionContextId: contextId,
        arguments: message.map((value) => ({ value })),
      })
      // A page that is just going takes nothing any more.
      .catch(() => undefined);
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
    if ('error' in reply) await tell('error', call, reply.error);
    else await tell('reply', call, reply.value);
  }

  async function make(): Promise<Page> {
    const page = await options.browser.newPage(options.size);
    const session = await page.context().newCDPSession(page);
    session.on('Page.frameNavigated', ({ frame }) => {
      // In step with the preload's messages, which come by the same session.
      if (frame.parentId !== undefined) return;
      mainFrame.url = fromChromium(frame.url);
      emitter.emit('did-navigate', {}, mainFrame.url, 200, 'OK');
    });
    session.on('Runtime.executionContextCreated', ({ context }) => {
      const of = (context.auxData as { frameId?: string } | undefined)?.frameId;
      if (context.name === worldName && of === mainFrameId) {
        world = { session, contextId: context.id };
      }
    });
    session.on('Runtime.executionContextDestroyed', ({ executionContextId }) => {
      if (world?.contextId === executionContextId) world = undefined;
    });
    session.on('Runtime.bindingCalled', ({ payload }) => void onBinding(payload));
    watch(page);
    const [{ frameTree }] = await Promise.all([
      session.send('Page.getFrameTree'),
      session.send('Page.enable'),
      session.send('Runtime.enable'),
      options.preload === undefined ? undefined : addPreload(session, options.preload),
      guardNavigation(session),
    ]);
    mainFrameId = frameTree.frame.id;
    return page;
  }

  function watch(page: Page): void {
    page.on('crash', () => {
      emitter.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 1 });
    });
    page.on('popup', (popup) => {
      const answer = openHandler({ url: fromChromium(popup.url()) } as never);
      if (answer.action === 'deny') void popup.close();
      else throw new Error('stand-in: windows that pages open are not implemented');
    });
  }

  /** Every document that the page wants to go to is looked at first, as Electron's `will-navigate` is. */
  async function guardNavigation(session: CDPSession): Promise<void> {
    session.on('Fetch.requestPaused', ({ requestId, frameId, request }) => {
      const mayGo = frameId !== mainFrameId || mayNavigate(fromChromium(request.url));
      // A page that has gone meanwhile takes no answer.
      void (
        mayGo
          ? session.send('Fetch.continueRequest', { requestId })
          : session.send('Fetch.failRequest', { requestId, errorReason: 'Aborted' })
      ).catch(() => undefined);
    });
    await session.send('Fetch.enable', { patterns: [{ resourceType: 'Document' }] });
  }

  function mayNavigate(url: string): boolean {
    emitter.emit('did-start-navigation', { url, isMainFrame: true, isSameDocument: false });
    if (ownLoad === url) return true;
    // A reload is a navigation of the page's own too.
    const event = preventable({ url, isMainFrame: true, frame: mainFrame });
    emitter.emit('will-navigate', event, url);
    return !event.defaultPrevented;
  }

  const page = make();
  page.catch(() => undefined);

  return {
    webContents,
    page,
    // The protocol has one name for a page and for its main frame.
    targetId: () => mainFrameId,
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

/** In this order they run, in every document that the page will have. */
async function addPreload(session: CDPSession, preload: string): Promise<void> {
  const scripts = pageScripts(readFileSync(preload, 'utf8'));
  await Promise.all([
    session.send('Runtime.addBinding', { name: bindingName, executionContextName: worldName }),
    session.send('Page.addScriptToEvaluateOnNewDocument', { source: scripts.main }),
    session.send('Page.addScriptToEvaluateOnNewDocument', { source: scripts.isolated, worldName }),
  ]);
}
