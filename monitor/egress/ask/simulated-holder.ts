import { startLoop } from '../../runtime/loop.ts';
import { failed, ok } from '../../runtime/result.ts';
import type { HeldPacket } from './hold-line.ts';
import type { Holder, HoldListener } from './holder.ts';

/** What simulated containers want to reach that no list of theirs is likely to name. */
const wish: HeldPacket = {
  protocol: 'tcp',
  address: '240.0.0.9',
  port: 443,
  name: 'telemetry.example.net',
};

/** From try to try, milliseconds. */
const everyMs = 3000;

/** Holds connections of containers that do not exist: for demonstrations and tests. */
export function createSimulatedHolder(): Holder {
  const spaces = new Map<
    number,
    { readonly listener: HoldListener; readonly loop: ReturnType<typeof startLoop> }
  >();
  let isClosed = false;

  function leave(inode: number): void {
    void spaces.get(inode)?.loop.stop();
    spaces.delete(inode);
  }

  return {
    enter({ inode }, listener) {
      if (isClosed) return Promise.resolve(failed('Sentra is ending.'));
      if (!spaces.has(inode)) {
        const run = (): Promise<void> => {
          listener.onHeld(wish);
          return Promise.resolve();
        };
        const loop = startLoop({
          periodMs: everyMs,
          timeoutMs: everyMs,
          run,
          onError: () => undefined,
        });
        spaces.set(inode, { listener, loop });
      }
      return Promise.resolve(ok(undefined));
    },
    leave,
    lead: (inode, address) => spaces.get(inode)?.listener.onLed(address, '203.0.113.77'),
    turnAway: () => undefined,
    sendAgain: () => undefined,
    close() {
      isClosed = true;
      for (const inode of [...spaces.keys()]) leave(inode);
      return Promise.resolve();
    },
  };
}
