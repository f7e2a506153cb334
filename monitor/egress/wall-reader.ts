import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { failed, ok, type Result } from '../runtime/result.ts';
import { toolEnvironment } from './tool.ts';
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

const timeoutMs = 10_000;
const mostRemembered = 1000;

interface Waiting {
  readonly resolve: (reply: Result<WallReply, string>) => void;
  readonly timer: NodeJS.Timeout;
}

/** Finds the program that `scripts/wall-reader.mjs` built, above the running code. */
export function findWallReader(from: string = import.meta.dirname): Result<string, string> {
  for (let folder = from; ; folder = dirname(folder)) {
    const path = join(folder, 'dist', 'sensor', 'sentra-walls');
    if (existsSync(path)) return ok(path);
    if (folder === dirname(folder)) break;
  }
  return failed(
    'The program that reads walls is not built: install clang, and start Sentra again.',
  );
}

/** Starts nothing before the first reading. */
export function createWallReader(find: () => Result<string, string> = findWallReader): WallReader {
  const remembered = new Map<string, { generation: number; rules: WallRules }>();
  let child: ChildProcessWithoutNullStreams | undefined;
  let waiting: Waiting[] = [];

  function end(reason: string): void {
    const left = waiting;
    waiting = [];
    child = undefined;
    for (const { resolve, timer } of left) {
      clearTimeout(timer);
      resolve(failed(reason));
    }
  }

  function start(path: string): ChildProcessWithoutNullStreams {
    const started = spawn(path, [], { env: toolEnvironment, cwd: '/' });
    started.stdin.on('error', () => undefined);
    started.stderr.resume();
    createInterface({ input: started.stdout }).on('line', (line) => {
      const first = child === started ? waiting.shift() : undefined;
      if (first === undefined) return;
      clearTimeout(first.timer);
      first.resolve(readWallReply(line));
    });
    const over = (): void => {
      if (child === started) end('The program that reads walls has ended.');
    };
    started.on('error', over);
    started.on('close', over);
    return started;
  }

  function ask({ pid, inode }: SpaceKey, generation: number): Promise<Result<WallReply, string>> {
    if (child === undefined) {
      const path = find();
      if (!path.ok) return Promise.resolve(path);
      child = start(path.value);
    }
    const asked = child;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        asked.kill('SIGKILL');
        if (child === asked) end('The wall could not be read within 10 s.');
      }, timeoutMs);
      waiting.push({ resolve, timer });
      asked.stdin.write(`${pid} ${inode} ${generation}\n`);
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
      if (ending === undefined || ending.exitCode !== null) return;
      const over = once(ending, 'close');
      ending.stdin.end();
      await over;
    },
  };
}
