import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ContainerId } from '../../model/workload.ts';
import { startLineProcess } from '../../runtime/line-process.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';
import { findGvisorReceiver } from './gvisor-program.ts';
import { findSandbox, type GvisorSandbox } from './gvisor-sandbox.ts';
import type { GvisorTracing } from './gvisor-tracing.ts';
import { renewTraceFile, traceFile, usualStartSocket } from './trace-file.ts';
import { traceSession } from './trace-session.ts';

/** An order takes some 40 ms; one that waits for a receiver that does not answer is given up. */
const orderMs = 5000;

/** Where this process is root on the engine's host: the receiver is its child, and `runsc` is run by it. */
export interface NativeTracingOptions {
  readonly procFolder: string;
  /** A folder of its own, whose path is short: sockets bear it in their names. */
  readonly folder: string;
  /** Where new containers are heard of from their start on, as the file for `runsc` says. */
  readonly startSocket?: string;
  /** That file, where a person had it written. */
  readonly startFile?: string;
}

/** Gives the orders by gVisor's own program, as root of this machine. */
export function createNativeTracing({
  procFolder,
  folder,
  startSocket = usualStartSocket,
  startFile = traceFile,
}: NativeTracingOptions): GvisorTracing {
  const pathOf = (container: ContainerId, end: string): string =>
    join(folder, `${container.slice(0, 32)}.${end}`);

  return {
    tellsFromStart: existsSync(startFile),
    receiver() {
      const program = findGvisorReceiver(folder);
      if (!program.ok) return program;
      mkdirSync(dirname(startSocket), { recursive: true, mode: 0o700 });
      renewTraceFile(startFile, startSocket);
      return ok(startLineProcess(program.value, [folder, startSocket]));
    },
    find(workload) {
      const { container } = workload;
      const sandbox = findSandbox(procFolder, workload);
      if (sandbox === undefined) return undefined;
      return {
        pid: sandbox.pid,
        async begin(points) {
          const file = pathOf(container, 'json');
          const session = traceSession(pathOf(container, 'sock'), points);
          writeFileSync(file, JSON.stringify(session), { mode: 0o600 });
          const begun = await order(sandbox, ['create', '--force', '--config', file, container]);
          rmSync(file, { force: true });
          return begun;
        },
        async end() {
          await order(sandbox, ['delete', '--name', 'Default', container]);
        },
      };
    },
  };
}

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
