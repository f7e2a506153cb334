import type { DisarmList } from '../rpc/service/service-disarm.ts';
import type { StartMonitor } from '../rpc/service/service.ts';
import type { Surroundings } from '../rpc/socket/state-folder.ts';
import type { Terminal } from './terminal/terminal.ts';

/** What a command has to work with: everything outside of it. */
export interface Context {
  readonly terminal: Terminal;
  readonly surroundings: Surroundings;
  /** This user; undefined on Windows. */
  readonly uid: number | undefined;
  readonly temporaryFolder: string;
  readonly workingFolder: string;
  readonly start: StartMonitor;
  /** Looks for what of Sentra's stands although no monitor runs. */
  readonly listStanding: (engine: string | undefined, context: Context) => Promise<DisarmList>;
  /** Aborted when the person wants to end: Ctrl-C, or a signal to the process. */
  readonly stopped: AbortSignal;
}
