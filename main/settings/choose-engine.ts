import type { MonitorClient } from '../../monitor/rpc/client.ts';
import type { ShellSettings } from './shell-settings.ts';

/** Which engine is watched: what the command line says until a person chooses in the window. */
export interface EngineChoice {
  /** Undefined: the one that is found by itself. */
  engine(): string | undefined;
  /**
   * Has another engine watched, once it is known to answer. Resolves with why not, a sentence; then
   * what is watched stays. Each engine has a record of its own: nothing of it is lost.
   */
  choose(endpoint: string | null): Promise<string | undefined>;
}

/** What a choice reaches. */
export interface EngineChoiceReach {
  /** From the command line. */
  readonly named: string | undefined;
  readonly settings: Pick<ShellSettings, 'engine' | 'setEngine'>;
  readonly client: () => MonitorClient | undefined;
  readonly restartMonitor: () => void;
}

/** The choice as it is now. */
export function openEngineChoice(reach: EngineChoiceReach): EngineChoice {
  const { settings, client, restartMonitor } = reach;
  let engine = reach.named ?? settings.engine();
  return {
    engine: () => engine,
    async choose(endpoint) {
      // Without a monitor nobody can try it; then there is nothing that could be lost either.
      const tried = endpoint === null ? undefined : await client()?.tryEngine({ endpoint });
      if (tried?.ok === false) {
        const advice = 'advice' in tried.error ? ` ${tried.error.advice}` : '';
        return `${tried.error.message}${advice}`;
      }
      // Kept first: what cannot be kept changes nothing.
      settings.setEngine(endpoint ?? undefined);
      engine = endpoint ?? undefined;
      restartMonitor();
      return undefined;
    },
  };
}
