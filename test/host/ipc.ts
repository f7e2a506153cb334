import { EventEmitter } from 'node:events';
import type { IpcMain, IpcMainInvokeEvent } from 'electron';
import { decode, encode } from './codec.ts';
import { strict } from './strict.ts';

type Handler = Parameters<IpcMain['handle']>[1];

/** What a renderer's `invoke` comes back with. */
export type InvokeReply = { readonly value: string } | { readonly error: string };

/** The stand-in's `ipcMain`, and the way in for whoever plays a renderer. */
export interface HostIpc {
  readonly ipcMain: IpcMain;
  /** As if a renderer had invoked the channel with these values, encoded by codec.ts. */
  invoke(channel: string, event: IpcMainInvokeEvent, values: string): Promise<InvokeReply>;
}

/** An `ipcMain` with `handle`, after lib/browser/ipc-main-impl.ts and ipc-dispatch.ts of Electron. */
export function createHostIpc(): HostIpc {
  const handlers = new Map<string, Handler>();
  const ipcMain = Object.assign(new EventEmitter(), {
    handle(channel: string, handler: Handler): void {
      if (handlers.has(channel)) {
        throw new Error(`Attempted to register a second handler for '${channel}'`);
      }
      if (typeof handler !== 'function') {
        throw new TypeError(
          `Expected handler to be a function, but found type '${typeof handler}'`,
        );
      }
      handlers.set(channel, handler);
    },
    removeHandler(channel: string): void {
      handlers.delete(channel);
    },
  } satisfies Pick<IpcMain, 'handle' | 'removeHandler'>);

  return {
    ipcMain: strict('ipcMain', ipcMain) as unknown as IpcMain,
    async invoke(channel, event, values) {
      const refuse = (why: string): InvokeReply => ({
        error: `Error invoking remote method '${channel}': ${why}`,
      });
      const handler = handlers.get(channel);
      if (handler === undefined) return refuse(`Error: No handler registered for '${channel}'`);
      try {
        const given = decode(values) as unknown[];
        const value: unknown = await handler(event, ...given);
        return { value: encode(value) };
      } catch (error) {
        return refuse(String(error));
      }
    },
  };
}
