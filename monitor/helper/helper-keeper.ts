import type { Clock } from '../runtime/clock.ts';
import { messageOf, type Logger } from '../runtime/logger.ts';
import { startLoop } from '../runtime/loop.ts';
import {
  greet,
  keepHelper,
  type HelperAbilities,
  type HelperParts,
  type HelperState,
} from './helper-container.ts';
import type { HelperClient } from './helper-client.ts';

/** The helper as a monitor uses it. */
export interface Helper {
  readonly client: HelperClient;
  /** What it can do, while it runs. */
  abilities(): HelperAbilities | undefined;
  /** Why it cannot be used now, a sentence; undefined while it can. */
  whyNot(): string | undefined;
  /** Somebody has installed one, as far as is known. */
  isInstalled(): boolean;
  /** The engine is not on this machine, or is treated so: what this machine's /proc says is not its. */
  isElsewhere(): boolean;
  stop(): Promise<void>;
}

export interface HelperKeeperOptions {
  readonly parts: HelperParts;
  readonly clock: Clock;
  readonly logger: Logger;
  /** From look to look, milliseconds. */
  readonly periodMs: number;
}

/** While there is none, the engine is asked less often than one that runs is greeted. */
const looksWithoutOne = 5;

/** Looks at once and then with each period whether the helper answers, and starts one that has ended. */
export function startHelperKeeper(options: HelperKeeperOptions): Helper {
  const { parts, clock, logger, periodMs } = options;
  let state: HelperState | undefined;
  let passedOver = 0;
  const isHere = parts.ways.folder !== undefined;

  function setState(next: HelperState): void {
    const before = state;
    state = next;
    if (next.name === 'failed') logger.warn(`The helper cannot be used: ${next.reason}`);
    if (next.name === 'running' && before?.name !== 'running') logger.info('The helper answers.');
  }

  async function look(): Promise<void> {
    if (state?.name === 'running') {
      const said = await greet(parts.client);
      if (said.ok) return;
      logger.warn(`The helper is gone: ${said.error}`);
      setState({ name: 'failed', reason: said.error });
    } else if (state !== undefined && passedOver < looksWithoutOne - 1) {
      passedOver += 1;
      // One that has just ended is started at once; the next tries take their time.
      return;
    }
    passedOver = 0;
    setState(await keepHelper(parts, (ms) => clock.sleep(ms)));
  }

  const first = look().catch((error: unknown) => logger.error(messageOf(error)));
  const loop = startLoop({
    periodMs,
    timeoutMs: 60_000,
    async run() {
      await first;
      await look();
    },
    onError: (error) => logger.error(`Looking after the helper failed: ${messageOf(error)}`),
  });

  return {
    client: parts.client,
    abilities: () => (state?.name === 'running' ? state.abilities : undefined),
    whyNot() {
      switch (state?.name) {
        case undefined:
          return 'The helper is being looked for.';
        case 'absent':
          return isHere
            ? 'It takes root on the engine’s host: start Sentra with sudo, or run: sentra helper install'
            : 'It takes root on the engine’s host, so a helper: sentra helper install';
        case 'failed':
          return state.reason;
        case 'running':
          return undefined;
      }
    },
    isInstalled: () => state !== undefined && state.name !== 'absent',
    isElsewhere: () => !isHere || parts.door.port() !== undefined,
    async stop() {
      await loop.stop();
      await first;
    },
  };
}
