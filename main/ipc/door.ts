import type { IpcMainInvokeEvent, WebContents } from 'electron';
import { z } from 'zod';
import { messageOf } from '../../monitor/runtime/logger.ts';
import type { Logger } from '../../monitor/runtime/logger.ts';
import { failed } from '../../monitor/runtime/result.ts';
import { monitorChannels, shellChannels, wireName } from '../../preload/channels.ts';
import type { ChannelName } from '../../preload/channels.ts';
import { contract } from '../../preload/contract.ts';
import type { DoorRefusal, Reply, ShellFailure } from '../../preload/contract.ts';
import type { ElectronApi } from '../electron.ts';
import { isWithin } from './payload-size.ts';

/** What a channel's handler is given: parsed, and of the contract's form. */
export type Parsed<Name extends ChannelName> = z.output<(typeof contract)[Name]['params']>;

/** What answers the channels. The sender is one of the shell's own windows. */
export type Handlers = {
  readonly [Name in ChannelName]: (
    params: Parsed<Name>,
    sender: WebContents,
  ) => Promise<Reply<Name>> | Reply<Name>;
};

/** What the door needs. */
export interface DoorOptions {
  readonly electron: Pick<ElectronApi, 'ipcMain'>;
  /** The origin of the shell's own pages, for example `sentra://app`. */
  readonly origin: string;
  /** Whether this is one of the shell's own windows. */
  readonly isOwnWindow: (sender: WebContents) => boolean;
  readonly handlers: Handlers;
  readonly logger: Logger;
}

/** How much a message may hold, in characters. A policy and a list may be long; nothing else is. */
const sizeLimits: Partial<Record<ChannelName, number>> & { readonly other: number } = {
  checkPolicy: 1024 * 1024,
  savePolicy: 1024 * 1024,
  previewPolicy: 1024 * 1024,
  egressSave: 3 * 1024 * 1024,
  egressCheck: 3 * 1024 * 1024,
  egressProfile: 3 * 1024 * 1024,
  egressImport: 3 * 1024 * 1024,
  other: 64 * 1024,
};

type DoorReply = Reply<ChannelName> | ReturnType<typeof failed<DoorRefusal | ShellFailure>>;

/**
 * Opens the one door through which the window reaches the shell. Before a handler runs: the sender is
 * the main frame of a window of ours and shows a page of ours, the message is one value of bounded
 * size, and the contract's schema takes it. What is refused is logged, and answered as data.
 */
export function openDoor({ electron, origin, isOwnWindow, handlers, logger }: DoorOptions): void {
  function senderProblem({ senderFrame, sender }: IpcMainInvokeEvent): string | undefined {
    // Null when the frame has gone since it sent this.
    if (senderFrame === null) return 'its frame is gone';
    if (senderFrame !== sender.mainFrame) return 'it comes from a frame within the page';
    if (originOf(senderFrame.url) !== origin) return 'it comes from another origin';
    return isOwnWindow(sender) ? undefined : 'it comes from no window of Sentra';
  }

  async function answer(
    channel: ChannelName,
    event: IpcMainInvokeEvent,
    messages: readonly unknown[],
  ): Promise<DoorReply> {
    // Read first, and at once: what the sender shows may be another page a moment later.
    const problem = senderProblem(event);
    if (problem !== undefined) {
      logger.warn(`A message on ${channel} was refused: ${problem}.`);
      return failed({ kind: 'not-allowed', message: 'This page may not ask Sentra for anything.' });
    }
    const [message, ...others] = messages;
    if (others.length > 0 || !isWithin(message, sizeLimits[channel] ?? sizeLimits.other)) {
      logger.warn(`A message on ${channel} was refused: it is too large.`);
      return failed({ kind: 'too-large', message: 'That is more than Sentra takes at once.' });
    }
    const parsed = contract[channel].params.safeParse(message);
    if (!parsed.success) {
      const words = z.prettifyError(parsed.error).slice(0, 500);
      logger.warn(`A message on ${channel} was refused: ${words}`);
      return failed({ kind: 'bad-params', message: words });
    }
    try {
      // The schema of a channel and the handler of the same channel: the compiler cannot pair them.
      const handler = handlers[channel] as (
        params: unknown,
        sender: WebContents,
      ) => Promise<DoorReply>;
      return await handler(parsed.data, event.sender);
    } catch (error) {
      logger.error(`The shell failed on ${channel}: ${messageOf(error)}`);
      return failed({ kind: 'shell-failed', message: `Sentra failed: ${messageOf(error)}` });
    }
  }

  for (const channel of [...monitorChannels, ...shellChannels]) {
    electron.ipcMain.handle(wireName(channel), (event, ...messages: unknown[]) =>
      answer(channel, event, messages),
    );
  }
}

/** `scheme://host` also for a scheme of our own, whose origin the URL standard leaves opaque. */
function originOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}
