import { statSync } from 'node:fs';
import {
  startLineProcess,
  type LineProcess,
  type StartLineProcess,
} from '../../runtime/line-process.ts';
import { createLineProgram } from '../../runtime/line-program.ts';
import type { Logger } from '../../runtime/logger.ts';
import { ok, type Result } from '../../runtime/result.ts';
import type { ContainerId } from '../../model/workload.ts';
import { readDnsAnswer } from './dns-answer.ts';
import { findWallProgram } from '../wall/wall-program.ts';

/**
 * Hears the DNS answers in containers' networks, all with one process, so that names are known of
 * containers that are only observed. Nothing about their network is changed.
 */
export interface NameListener {
  /** Listens where the container's process is; in a network that it is in already, nothing is done. */
  listen(container: ContainerId, pid: number): void;
  /** No more in the container's network, which would not end with it while somebody listens there. */
  leave(container: ContainerId): void;
  /** The name whose answer, in the network of the process, held the address last. */
  nameOf(pid: number, address: string): string | undefined;
  /** Why nothing is heard in the network of the process, a sentence; undefined when it is heard. */
  problem(pid: number): string | undefined;
  close(): Promise<void>;
}

/** Of one network; the oldest go first. */
const mostAddresses = 4096;

/** Networks that are listened to at once. */
const mostSpaces = 1000;

interface Space {
  readonly container: ContainerId;
  readonly names: Map<string, string>;
  problem: string | undefined;
}

function startHere(): Result<LineProcess, string> {
  const path = findWallProgram('sentra-names');
  return path.ok ? ok(startLineProcess(path.value)) : path;
}

/** Starts nothing before it is to listen somewhere. */
export function createNameListener(
  logger: Logger,
  begin: StartLineProcess = startHere,
): NameListener {
  const spaces = new Map<number, Space>();

  function inodeOf(pid: number): number | undefined {
    return statSync(`/proc/${pid}/ns/net`, { throwIfNoEntry: false })?.ino;
  }

  function take(line: string): void {
    const [first = '', second = '', ...rest] = line.split(' ');
    if (first === '!') {
      const space = spaces.get(Number(second));
      if (space !== undefined)
        space.problem = `its network cannot be listened to: ${rest.join(' ')}`;
      return;
    }
    if (first === '~') return;
    const answer = readDnsAnswer(Buffer.from(second, 'hex'));
    const names = spaces.get(Number(first))?.names;
    if (answer === undefined || names === undefined) return;
    for (const address of answer.addresses) {
      names.delete(address);
      const [oldest] = names.keys();
      if (names.size >= mostAddresses && oldest !== undefined) names.delete(oldest);
      names.set(address, answer.name);
    }
  }

  const program = createLineProgram(begin, take, (reason, isClosed) => {
    // Each network is listened to anew at the next look.
    spaces.clear();
    if (!isClosed) logger.warn(`The program that hears names has ended. ${reason}`);
  });

  function forget(inode: number): void {
    if (spaces.delete(inode)) program.say(`- ${inode}`);
  }

  function leave(container: ContainerId): void {
    for (const [inode, space] of spaces) if (space.container === container) forget(inode);
  }

  return {
    listen(container, pid) {
      const inode = inodeOf(pid);
      if (inode === undefined || spaces.has(inode)) return;
      leave(container);
      const started = program.start();
      const [oldest] = spaces.keys();
      if (spaces.size >= mostSpaces && oldest !== undefined) forget(oldest);
      const problem = started.ok ? undefined : started.error;
      spaces.set(inode, { container, names: new Map(), problem });
      if (started.ok) program.say(`+ ${pid} ${inode}`);
    },
    leave,
    nameOf(pid, address) {
      const inode = inodeOf(pid);
      return inode === undefined ? undefined : spaces.get(inode)?.names.get(address);
    },
    problem(pid) {
      const inode = inodeOf(pid);
      const space = inode === undefined ? undefined : spaces.get(inode);
      return space === undefined ? 'nobody listens in its network' : space.problem;
    },
    close: () => program.close(),
  };
}
