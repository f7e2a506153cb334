import type { ChildProcess, StdioOptions } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { connectMonitor, readAddresses } from '../../../../monitor/rpc/socket/address.ts';
import type { Address } from '../../../../monitor/rpc/socket/address.ts';
import type { MonitorClient } from '../../../../monitor/rpc/client.ts';
import { controlFolder } from '../../../../monitor/rpc/socket/state-folder.ts';

const entry = join(import.meta.dirname, '../../../../monitor/cli.ts');

export const patience = { timeout: 30_000, interval: 50 };

/** `sentra watch` of simulated containers, in a process of its own. */
export interface WatchProcess {
  readonly child: ChildProcess;
  /** Resolves when it is gone, to its exit code; null after a signal. */
  readonly exit: Promise<number | null>;
  /** The monitor's own process, which may not be the one that was started. */
  pid(): Promise<number>;
  /** Connects to its control socket, as every other command does. */
  connect(): Promise<MonitorClient>;
  /** Has it write to its log, by a policy file that cannot be read. */
  breakPolicy(): void;
  /** Ends it, if it has not ended, and takes away what it kept. */
  close(): Promise<void>;
}

/** Starts one; `prefix` is put before its command line. */
export function startWatch(
  words: readonly string[],
  stdio: StdioOptions,
  prefix: readonly string[] = [],
): WatchProcess {
  const folder = mkdtempSync(join(tmpdir(), 'sentra-watch-'));
  const environment = { ...process.env, SENTRA_STATE: folder, XDG_RUNTIME_DIR: '' };
  const [program = '', ...args] = [
    ...prefix,
    process.execPath,
    entry,
    'watch',
    '--simulate',
    ...words,
  ];
  const child = spawn(program, args, { env: environment, stdio });
  const exit = once(child, 'exit').then(([code]) => code as number | null);
  const uid = process.getuid?.();
  const control = controlFolder({ environment, platform: process.platform, home: folder });
  const address = (): Promise<Address> =>
    vi.waitFor(() => {
      const addresses = readAddresses(control, uid);
      const [own] = addresses.ok ? addresses.value : [];
      if (own === undefined) throw new Error('No address was written down.');
      return own;
    }, patience);
  return {
    child,
    exit,
    pid: async () => (await address()).pid,
    async connect() {
      const connected = await connectMonitor(await address(), uid, 'test');
      if (!connected.ok) throw new Error(connected.error.message);
      return connected.value;
    },
    breakPolicy() {
      writeFileSync(join(folder, 'policy.yaml'), 'broken: yes\n');
    },
    async close() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await exit;
      // A monitor behind another program may take a moment longer.
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

/** Waits until the monitor's time has moved on by so much, in milliseconds. */
export async function watchesOn(client: MonitorClient, forMs: number): Promise<void> {
  const before = await client.snapshot();
  if (!before.ok) throw new Error(before.error.message);
  await vi.waitFor(async () => {
    const after = await client.snapshot();
    if (!after.ok) throw new Error(after.error.message);
    expect(after.value.at - before.value.at).toBeGreaterThan(forMs);
  }, patience);
}
