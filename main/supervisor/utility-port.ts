import type { UtilityProcess } from 'electron';
import type { Port, PortHandlers } from '../../monitor/rpc/port.ts';

/**
 * A port to a utility process, over the channel that Electron gives it. It closes when the process
 * ends; to close it from this side does not end the process.
 */
export function createUtilityPort(child: UtilityProcess): Port {
  let handlers: PortHandlers | undefined;
  let closedFor: string | undefined;

  function end(reason: string): void {
    if (closedFor !== undefined) return;
    closedFor = reason;
    handlers?.onClose(reason);
  }

  child.on('exit', () => end('The monitor’s process has ended.'));
  return {
    open(next) {
      const isFirst = handlers === undefined;
      handlers = next;
      if (closedFor !== undefined) {
        next.onClose(closedFor);
        return;
      }
      if (isFirst) {
        child.on('message', (message: unknown) => {
          if (closedFor === undefined) handlers?.onMessage(message);
        });
      }
    },
    send(message) {
      if (closedFor === undefined) child.postMessage(message);
    },
    // Electron does not tell.
    waitingBytes: () => 0,
    close: end,
  };
}
