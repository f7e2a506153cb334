import type { Port, PortHandlers } from './port.ts';

/** A port whose messages travel wrapped among others, and what its owner tells it. */
export interface ProcessPort {
  readonly port: Port;
  /** The content of an `rpc` message has come. */
  deliver(message: unknown): void;
  /** The process at the far end is gone, or its monitor. */
  end(reason: string): void;
}

/**
 * A port between two processes over whatever carries their messages: a utility process, a forked
 * child. `post` sends to the far end; the owner of the channel hands in what comes back. Both sides
 * use it the same way. Nobody knows what such a channel holds back, so `waitingBytes` is 0.
 */
export function createProcessPort(
  post: (message: { readonly type: 'rpc'; readonly message: object }) => void,
): ProcessPort {
  let handlers: PortHandlers | undefined;
  let closedFor: string | undefined;

  function end(reason: string): void {
    if (closedFor !== undefined) return;
    closedFor = reason;
    handlers?.onClose(reason);
  }

  return {
    port: {
      open(next) {
        handlers = next;
        if (closedFor !== undefined) next.onClose(closedFor);
      },
      send(message) {
        if (closedFor === undefined) post({ type: 'rpc', message });
      },
      waitingBytes: () => 0,
      close: end,
    },
    deliver(message) {
      // Before the port is opened nobody has been told that it may be spoken to.
      if (closedFor === undefined) handlers?.onMessage(message);
    },
    end,
  };
}
