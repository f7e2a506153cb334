import { execFile } from 'node:child_process';
import { failed, ok, type Result } from '../../runtime/result.ts';
import type { GvisorSandbox } from './gvisor-sandbox.ts';

/** Begins and ends the trace sessions of sandboxes, by gVisor's own program. */
export interface TraceControl {
  /** Begins a session as the file says, in the place of one that there is. The failure is in words. */
  begin(sandbox: GvisorSandbox, container: string, file: string): Promise<Result<void, string>>;
  /** Ends the session; no failure when there is none. */
  end(sandbox: GvisorSandbox, container: string): Promise<void>;
}

/** An order takes some 40 ms; one that waits for a receiver that does not answer is given up. */
const orderMs = 5000;

/** Gives the orders as root of this machine. */
export function createTraceControl(): TraceControl {
  function order(sandbox: GvisorSandbox, words: readonly string[]): Promise<Result<void, string>> {
    const { parentPid, runsc, stateRoot } = sandbox;
    // It takes orders on a socket of the network that the engine lives in.
    const network = ['-t', String(parentPid), '-n', '--'];
    const args = [...network, runsc, '--root', stateRoot, 'trace', ...words];
    const options = { timeout: orderMs, killSignal: 'SIGKILL', maxBuffer: 65_536 } as const;
    return new Promise((resolve) => {
      execFile('nsenter', args, options, (error, _, stderr) => {
        if (error === null) resolve(ok(undefined));
        else if (error.killed === true) resolve(failed('gVisor did not answer within 5 s.'));
        else resolve(failed((stderr.trim().split('\n').at(-1) ?? error.message).slice(0, 200)));
      });
    });
  }

  return {
    begin: (sandbox, container, file) =>
      order(sandbox, ['create', '--force', '--config', file, container]),
    async end(sandbox, container) {
      await order(sandbox, ['delete', '--name', 'Default', container]);
    },
  };
}
