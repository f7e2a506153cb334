import { startWatcher, type Watcher } from './watcher.ts';

/** A watcher that takes turns with somebody else on one machine and one engine. */
export interface WatcherTurns {
  /** Its process in this turn. */
  readonly pid: number;
  /** Resolves once its turn has begun, and it has settled where it began anew. */
  goOn(): Promise<void>;
  /** Resolves once neither it nor the engine does anything for it. */
  hold(): Promise<void>;
  stop(): Promise<void>;
}

type Options = Parameters<typeof startWatcher>[0];

/**
 * By cgroup files it is held still (SIGSTOP) between its turns. By the API it is ended and started anew:
 * the engine goes on collecting for whoever has asked and stands still.
 */
export async function takeTurns(
  options: Options,
  settle: () => Promise<void>,
): Promise<WatcherTurns> {
  let watcher: Watcher | undefined = await startWatcher(options);
  await settle();
  return {
    get pid() {
      if (watcher === undefined) throw new Error('It is not its turn.');
      return watcher.pid;
    },
    async goOn() {
      if (watcher !== undefined) {
        watcher.goOn();
        return;
      }
      watcher = await startWatcher(options);
      await settle();
    },
    async hold() {
      if (!options.byApi) {
        watcher?.hold();
        return;
      }
      await watcher?.stop();
      watcher = undefined;
    },
    async stop() {
      await watcher?.stop();
    },
  };
}
