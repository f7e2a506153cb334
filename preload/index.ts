import { contextBridge, ipcRenderer } from 'electron';
import { eventChannel, monitorChannels, shellChannels, wireName } from './channels.ts';
import type { ChannelName } from './channels.ts';
import type { ShellEvent } from './shell.ts';

/** A function a channel: the page can name no other. */
function callers(): Record<string, (params: unknown) => Promise<unknown>> {
  const names: readonly ChannelName[] = [...monitorChannels, ...shellChannels];
  return Object.fromEntries(
    names.map((name) => [name, (params: unknown) => ipcRenderer.invoke(wireName(name), params)]),
  );
}

/** Passes on what the shell tells, without Electron's event: that would hand out the sender. */
function onEvent(listener: (event: ShellEvent) => void): () => void {
  const pass = (_event: unknown, event: ShellEvent): void => listener(event);
  ipcRenderer.on(eventChannel, pass);
  return () => {
    ipcRenderer.off(eventChannel, pass);
  };
}

contextBridge.exposeInMainWorld('sentra', { ...callers(), onEvent });
