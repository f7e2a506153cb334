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
import type { AskedName } from '../../model/egress.ts';
import { createAskedTally, type AskedTally } from './asked-tally.ts';
import { readDnsMessage, type DnsMessage } from './dns-message.ts';
import { findWallProgram } from '../wall/wall-program.ts';

/**
 * Hears the DNS messages in containers' networks, all with one process, so that names are known of
 * containers that are only observed. Nothing about their network is changed.
 */
export interface NameListener {
  /** Listens where the container's process is; in a network that it is in already, nothing is done. */
  listen(container: ContainerId, pid: number): void;
  /** No more in the container's network, which would not end with it while somebody listens there. */
  leave(container: ContainerId): void;
  /** The name whose answer, in the network of the process, held the address last. */
  nameOf(pid: number, address: string): string | undefined;
  /** What was asked in the network of the process since the last call, and how much was not told apart. */
  takeAsked(pid: number): { readonly names: readonly AskedName[]; readonly omitted: number };
  /** Why nothing is heard in the network of the process, a sentence; undefined when it is heard. */
  problem(pid: number): string | undefined;
  close(): Promise<void>;
}

/** Of one network; the oldest go first. */
const mostAddresses = 4096;

/** Questions of one network that are known to belong together; the oldest go first. */
const mostQuestions = 256;

/** Networks that are listened to at once. */
const mostSpaces = 1000;

interface Space {
  readonly container: ContainerId;
  readonly names: Map<string, string>;
  readonly asked: AskedTally;
  /** By what ties its messages together: whether its answer has been heard. */
  readonly questions: Map<string, boolean>;
  problem: string | undefined;
}

function startHere(): Result<LineProcess, string> {
  const path = findWallProgram('sentra-names');
  return path.ok ? ok(startLineProcess(path.value)) : path;
}

/**
 * Counts a question once, though it is heard again where it is forwarded (as by Docker's own resolver,
 * which asks and answers in the same network) or of its answer alone.
 */
function hear({ names, asked, questions }: Space, message: DnsMessage | undefined): void {
  if (message === undefined) return;
  const { key, kind, name, addresses } = message;
  const isAnswered = questions.get(key);
  const isNew = isAnswered === undefined || (kind === 'question' && isAnswered);
  if (isNew) asked.asked(name, 'forwarded');
  if (kind === 'answer' && isAnswered !== true) asked.answered(name);
  if (isNew) questions.delete(key);
  keep(questions, mostQuestions, key, kind !== 'question');
  for (const address of addresses) {
    names.delete(address);
    keep(names, mostAddresses, address, name);
  }
}

function keep<Value>(map: Map<string, Value>, most: number, key: string, value: Value): void {
  const [oldest] = map.keys();
  if (map.size >= most && oldest !== undefined && !map.has(key)) map.delete(oldest);
  map.set(key, value);
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
    const space = spaces.get(Number(first === '~' ? second : first));
    if (first === '~') space?.asked.omit(Number(rest[0]) || 0);
    else if (space !== undefined) hear(space, readDnsMessage(Buffer.from(second, 'hex')));
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
      const [names, questions] = [new Map<string, string>(), new Map<string, boolean>()];
      spaces.set(inode, { container, names, asked: createAskedTally(), questions, problem });
      if (started.ok) program.say(`+ ${pid} ${inode}`);
    },
    leave,
    nameOf(pid, address) {
      const inode = inodeOf(pid);
      return inode === undefined ? undefined : spaces.get(inode)?.names.get(address);
    },
    takeAsked(pid) {
      const inode = inodeOf(pid);
      const asked = inode === undefined ? undefined : spaces.get(inode)?.asked;
      return { names: asked?.take() ?? [], omitted: asked?.takeOmitted() ?? 0 };
    },
    problem(pid) {
      const inode = inodeOf(pid);
      const space = inode === undefined ? undefined : spaces.get(inode);
      return space === undefined ? 'nobody listens in its network' : space.problem;
    },
    close: () => program.close(),
  };
}
