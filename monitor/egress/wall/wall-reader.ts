import { createInterface } from 'node:readline';
import {
  startLineProcess,
  type LineProcess,
  type StartLineProcess,
} from '../../runtime/line-process.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';
import { findWallProgram } from './wall-program.ts';
import { readWallReply, type WallReply, type WallRules } from './wall-reply.ts';

/** A network namespace: that of a process, while it is still the one with this inode. */
export interface SpaceKey {
  readonly pid: number;
  readonly inode: number;
}

/** What stands in a network namespace, with its rules in any case where there are some. */
export type WallState = WallReply;

/** Reads walls, all with one process that is kept running. */
export interface WallReader {
  read(space: SpaceKey): Promise<Result<WallState, string>>;
  /** Ends the process; a later reading starts another. */
  close(): Promise<void>;
}

/** For each reading, from when those before it are done. */
const timeoutMs = 10_000;
const mostRemembered = 1000;

type Resolve = (reply: Result<WallReply, string>) => void;

/** Starts the program as a child of this process. */
function startHere(): Result<LineProcess, string> {
  const path = findWallProgram('sentra-walls');
  return path.ok ? ok(startLineProcess(path.value)) : path;
}

/** Starts nothing before the first reading. */
export function createWallReader(begin: StartLineProcess = startHere): WallReader {
  const remembered = new Map<string, { generation: number; rules: WallRules }>();
  let child: LineProcess | undefined;
  let waiting: Resolve[] = [];
  let timer: NodeJS.Timeout | undefined;

  function end(reason: string): void {
    const left = waiting;
    waiting = [];
    child = undefined;
    clearTimeout(timer);
    for (const resolve of left) resolve(failed(reason));
  }

  /** The first that waits has its time from now on. */
  function begins(asked: LineProcess): void {
    clearTimeout(timer);
    if (waiting.length === 0) return;
    timer = setTimeout(() => {
      asked.kill();
      if (child === asked) end('The wall could not be read within 10 s.');
    }, timeoutMs);
  }

  function listen(started: LineProcess): void {
    createInterface({ input: started.output }).on('line', (line) => {
      const first = child === started ? waiting.shift() : undefined;
      if (first === undefined) return;
      begins(started);
      first(readWallReply(line));
    });
    void started.ended.then((reason) => {
      if (child === started) end(`The program that reads walls has ended. ${reason}`);
    });
  }

  function ask({ pid, inode }: SpaceKey, generation: number): Promise<Result<WallReply, string>> {
    if (child === undefined) {
      const started = begin();
      if (!started.ok) return Promise.resolve(started);
      child = started.value;
      listen(child);
    }
    const asked = child;
    return new Promise((resolve) => {
      waiting.push(resolve);
      if (waiting.length === 1) begins(asked);
      asked.input.write(`${pid} ${inode} ${generation}\n`);
    });
  }

  return {
    async read(space) {
      const key = `${space.pid} ${space.inode}`;
      const known = remembered.get(key);
      const reply = await ask(space, known?.generation ?? 0);
      if (!reply.ok) return reply;
      const { generation, rules, tables } = reply.value;
      remembered.delete(key);
      // Rules that have not changed are not told again.
      const hasWall = tables.some((name) => name.endsWith(' sentra'));
      const now = rules ?? (hasWall && known?.generation === generation ? known.rules : undefined);
      if (now !== undefined) {
        const [oldest] = remembered.keys();
        if (remembered.size >= mostRemembered && oldest !== undefined) remembered.delete(oldest);
        remembered.set(key, { generation, rules: now });
      }
      return ok({ ...reply.value, rules: now });
    },
    async close() {
      const ending = child;
      end('Sentra is ending.');
      if (ending === undefined) return;
      ending.input.end();
      await ending.ended;
    },
  };
}
