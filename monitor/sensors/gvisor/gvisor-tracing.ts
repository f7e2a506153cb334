import type { Workload } from '../../model/workload.ts';
import type { StartLineProcess } from '../../runtime/line-process.ts';
import type { Result } from '../../runtime/result.ts';
import type { TracePoint } from './trace-session.ts';

/** The process that plays the kernel for a container under gVisor, and the orders that it takes. */
export interface TracedSandbox {
  /** Its process id on the engine's host. */
  readonly pid: number;
  /** Begins a session that tells the receiver, in the place of one that there is. The failure is in words. */
  begin(points: readonly TracePoint[]): Promise<Result<void, string>>;
  /** Ends the session; no failure when there is none. */
  end(): Promise<void>;
}

/** What seeing containers under gVisor takes from whoever is root on the engine's host. */
export interface GvisorTracing {
  /** Starts the receiver. */
  readonly receiver: StartLineProcess;
  /** Whether containers may tell from their start on, so that somebody has to listen before the first is watched. */
  readonly tellsFromStart: boolean;
  /** Undefined for a container that gVisor does not run on the engine's host. */
  find(workload: Workload): TracedSandbox | undefined;
}
