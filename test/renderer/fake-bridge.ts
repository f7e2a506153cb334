import type { ChannelName } from '../../preload/channels.ts';
import type { Reply, SentraBridge } from '../../preload/contract.ts';
import { channelNames, defaultReplies } from './fake-replies.ts';
import type { ShellEvent, ShellState } from '../../preload/shell.ts';
import { calmShell } from './fixtures.ts';

type Told<Event> = Event extends unknown ? Omit<Event, 'sequence'> : never;

/** Something for the window to hear; the sequence is counted by the bridge. */
export type ToldEvent = Told<ShellEvent>;

/** Answers by channel; a channel that has none here answers with its default. */
export type Replies = {
  readonly [Name in ChannelName]?: (params: never) => Reply<Name> | Promise<Reply<Name>>;
};

/** What the preload gives the page, played by a test. */
export interface FakeBridge {
  readonly bridge: SentraBridge;
  /** Every call in order. */
  readonly calls: readonly { readonly name: ChannelName; readonly params: unknown }[];
  /** Tells the window; `skip` leaves so many sequence numbers out, as a loss does. */
  tell(event: ToldEvent, skip?: number): void;
}

/** A bridge that answers as told, over a shell in the given state. */
export function createFakeBridge(replies: Replies = {}, shell: ShellState = calmShell): FakeBridge {
  const listeners = new Set<(event: ShellEvent) => void>();
  const calls: { readonly name: ChannelName; readonly params: unknown }[] = [];
  let sequence = 0;

  function answer(name: ChannelName, params: unknown): Promise<unknown> {
    calls.push({ name, params });
    const reply = (replies[name] ?? defaultReplies(shell)[name]) as (params: unknown) => unknown;
    return Promise.resolve(reply(params));
  }

  const channels = Object.fromEntries(
    channelNames.map((name) => [name, (params: unknown) => answer(name, params)]),
  );
  return {
    bridge: {
      ...channels,
      onEvent(listener: (event: ShellEvent) => void) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    } as unknown as SentraBridge,
    calls,
    tell(event, skip = 0) {
      sequence += 1 + skip;
      for (const listener of listeners) listener({ ...event, sequence });
    },
  };
}
