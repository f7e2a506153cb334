import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { plainText } from '../../runtime/plain-text.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';
import { messageOf } from '../../runtime/logger.ts';
import type { ResolverCgroup } from './resolver-cgroup.ts';
import { boundLines } from './line-bound.ts';
import { findTool, toolEnvironment } from '../carrier/tool.ts';
import { findWallProgram } from '../wall/wall-program.ts';

/** The programs that it takes, by path. */
export interface ResolverTools {
  readonly looseLog: string;
  readonly nsenter: string;
  readonly dnsmasq: string;
}

/** Looks for those of the system in those folders alone; the failure names the one that is missing. */
export function findResolverTools(folders: readonly string[]): Result<ResolverTools, string> {
  const looseLog = findWallProgram('sentra-loose-log');
  if (!looseLog.ok) return looseLog;
  const nsenter = findTool('nsenter', folders);
  if (!nsenter.ok) return nsenter;
  const dnsmasq = findTool('dnsmasq', folders);
  if (!dnsmasq.ok) return dnsmasq;
  return ok({ looseLog: looseLog.value, nsenter: nsenter.value, dnsmasq: dnsmasq.value });
}

/** What a resolver is started with. */
export interface ResolverStart {
  /** The network namespace, open. */
  readonly descriptor: number;
  readonly cgroup: ResolverCgroup;
  /** The configuration, in dnsmasq's words. */
  readonly configuration: string;
  readonly tools: ResolverTools;
  /** A line of its log; an empty one stands for one that was passed over. */
  readonly onLine: (line: string) => void;
  /** The new one is about to take over: ends the older one, wherever somebody may have moved it. */
  readonly endOlder: () => Promise<void>;
  /** It runs, as this process. */
  readonly onStart: (pid: number) => void;
}

const startMs = 15_000;

/** How long a resolver that waits for its configuration may take to be there. */
const loadMs = 2_000;

/**
 * Starts a resolver in the namespace, in place of what runs in its cgroup, which ends when the new one
 * has only its configuration to read, or has ended: a question in between meets a closed port, and to the program
 * that asks the name then is unknown. It goes on when this process ends. Resolves when it answers; the
 * failure is a sentence.
 */
export async function startResolver(start: ResolverStart): Promise<Result<void, string>> {
  // Cut off before it is told its port it opens none.
  const options = ['--keep-in-foreground', '--port=0', '--conf-file=-'];
  const { looseLog, nsenter, dnsmasq } = start.tools;
  // What Node calls a pipe is a socket, as it has to be there.
  const child = spawn(looseLog, [nsenter, '--net=/proc/self/fd/3', dnsmasq, ...options], {
    stdio: ['pipe', 'ignore', 'pipe', start.descriptor],
    env: toolEnvironment,
    cwd: '/',
    // A group of its own: Ctrl-C is for Sentra alone.
    detached: true,
  });
  child.unref();
  const { stdin, stderr } = child;
  if (stdin === null || stderr === null) return failed('The resolver could not be started.');
  stdin.on('error', () => undefined);
  const started = waitForStart(child, stderr, start);
  // It opens no socket before it has read its configuration to the end, and by then it is in its
  // cgroup: a question that it forwarded from outside of it would be turned back to it, for ever. At
  // once, so that whoever comes next finds and ends it, should this process end meanwhile.
  try {
    if (child.pid !== undefined) start.cgroup.take(child.pid);
  } catch (error) {
    child.kill('SIGKILL');
    return failed(`The resolver could not be put into its cgroup: ${messageOf(error)}`);
  }
  await untilLoaded(child);
  // In any case: it may follow an older list.
  await start.endOlder();
  await start.cgroup.clear(child.pid);
  stdin.end(start.configuration);
  return started;
}

/** Until the process has become the resolver itself, or has ended. */
async function untilLoaded(child: ReturnType<typeof spawn>): Promise<void> {
  const end = performance.now() + loadMs;
  while (performance.now() < end && child.exitCode === null && child.signalCode === null) {
    try {
      if (readFileSync(`/proc/${child.pid ?? 0}/comm`, 'utf8').trim() === 'dnsmasq') return;
    } catch {
      return;
    }
    await delay(2);
  }
}

function waitForStart(
  child: ReturnType<typeof spawn>,
  stderr: Readable,
  { onLine, onStart }: ResolverStart,
): Promise<Result<void, string>> {
  return new Promise((resolve) => {
    const said: string[] = [];
    const bounded = boundLines(onLine);
    const limit = setTimeout(() => {
      child.kill('SIGKILL');
      resolve(failed(`The resolver did not start within ${startMs} ms.`));
    }, startMs);
    child.on('error', (error) => {
      clearTimeout(limit);
      resolve(failed(`The resolver could not be started: ${error.message}`));
    });
    // All that it said is read by then.
    child.on('close', () => {
      clearTimeout(limit);
      resolve(failed(`The resolver ended at once: ${plainText(said.slice(-3).join(' '), 300)}`));
    });
    createInterface({ input: stderr }).on('line', (line) => {
      if (said.length < 20) said.push(line);
      if (/^dnsmasq\[\d+\]: started, version /.test(line)) {
        clearTimeout(limit);
        if (child.pid !== undefined) onStart(child.pid);
        resolve(ok(undefined));
      }
      bounded(line);
    });
    // What it writes must not hold this process.
    if (stderr instanceof Socket) stderr.unref();
  });
}
