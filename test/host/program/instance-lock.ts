import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** The lock of the single instance, as Chromium keeps it in a person's folder. */
export interface InstanceLock {
  /** True for the first instance. Another tells the first its words, and gets false. */
  take(words: readonly string[]): boolean;
  /** Resolves when what was told has arrived. */
  close(): Promise<void>;
}

/**
 * Looks whether another instance has the folder, and keeps it if not. Electron looks when the lock is
 * asked for; a program of Node has to before, since the answer is wanted at once then.
 */
export async function openInstanceLock(
  folder: string,
  onSecond: (words: readonly string[]) => void,
): Promise<InstanceLock> {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'instance');
  const first = await connectTo(path);
  if (first !== undefined) {
    return {
      take(words) {
        first.end(JSON.stringify(words));
        return false;
      },
      async close() {
        if (!first.writableEnded) first.destroy();
        if (!first.closed) await once(first, 'close');
      },
    };
  }
  rmSync(path, { force: true });
  const server = createServer((socket) => {
    text(socket).then(
      (told) => {
        if (told !== '') onSecond(JSON.parse(told) as string[]);
      },
      () => undefined,
    );
  });
  server.listen(path);
  await once(server, 'listening');
  return {
    take: () => true,
    async close() {
      server.close();
      await once(server, 'close');
    },
  };
}

/** Connects to whoever listens there; undefined where nobody does. */
async function connectTo(path: string): Promise<Socket | undefined> {
  const socket = createConnection(path);
  try {
    await once(socket, 'connect');
  } catch {
    return undefined;
  }
  // What is still to be read would keep it from being closed.
  return socket.resume();
}
