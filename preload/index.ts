import { contextBridge, ipcRenderer } from 'electron';
import { eventChannel, monitorChannels, shellChannels, wireName } from './channels.ts';
import type { ChannelName } from './channels.ts';
import { createEventTap } from './event-tap.ts';
import type { ShellEvent } from './shell.ts';

const tap = createEventTap();
// Without Electron's event: that would hand out the sender.
ipcRenderer.on(eventChannel, (_event: unknown, event: ShellEvent) => tap.tell(event));

/** Asked here and not by the page: what is known then comes while the page's scripts are loaded. */
let opening: Promise<unknown> | undefined = ipcRenderer.invoke(wireName('subscribe'), {});

function subscribe(params: unknown): Promise<unknown> {
  const answer = opening ?? ipcRenderer.invoke(wireName('subscribe'), params);
  opening = undefined;
  return answer;
}

/** A function a channel: the page can name no other. */
function callers(): Record<string, (params: unknown) => Promise<unknown>> {
  const names: readonly ChannelName[] = [...monitorChannels, ...shellChannels];
  return Object.fromEntries(
    names.map((name) => [name, (params: unknown) => ipcRenderer.invoke(wireName(name), params)]),
  );
}

contextBridge.exposeInMainWorld('sentra', { ...callers(), subscribe, onEvent: tap.listen });
