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
  /** Aborted when the person wants to end: Ctrl-C, or a signal to the process. */
  readonly stopped: AbortSignal;
}
