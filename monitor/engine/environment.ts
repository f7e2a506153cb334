import { readFile, stat } from 'node:fs/promises';
import { homedir, platform, userInfo } from 'node:os';
import { failed, ok, type Result } from '../runtime/result.ts';
import { messageOf } from '../runtime/logger.ts';
import { codeOf } from './socket-error.ts';

/** What is at a path where a socket is expected. */
export type SocketFile =
  | { readonly kind: 'socket'; readonly owner: number }
  | { readonly kind: 'other' }
  /** It could not be looked at; `code` is the system's, for example `ENOENT`. */
  | { readonly kind: 'unseen'; readonly code: string; readonly message: string };

/** The person's machine, as far as finding an engine looks at it. Tests hand out their own. */
export interface EngineEnvironment {
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** As `process.platform` tells it. */
  readonly platform: string;
  /** Undefined on Windows. */
  readonly userId: number | undefined;
  /** The file's text, undefined where there is none; the failure says why it cannot be read. */
  readonly readFile: (path: string) => Promise<Result<string | undefined, string>>;
  /** Follows symbolic links. */
  readonly lookAtSocket: (path: string) => Promise<SocketFile>;
}

/** The largest configuration file that is read, in bytes. */
const fileLimitBytes = 1024 * 1024;

/** The machine Sentra runs on. */
export function systemEnvironment(): EngineEnvironment {
  const user = platform() === 'win32' ? undefined : userInfo().uid;
  return {
    variables: process.env,
    home: homedir(),
    platform: platform(),
    userId: user,
    readFile: readSmallFile,
    lookAtSocket,
  };
}

async function readSmallFile(path: string): Promise<Result<string | undefined, string>> {
  try {
    const { size } = await stat(path);
    if (size > fileLimitBytes) return failed(`it is longer than ${fileLimitBytes} bytes`);
    return ok(await readFile(path, 'utf8'));
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return ok(undefined);
    return failed(messageOf(error));
  }
}

async function lookAtSocket(path: string): Promise<SocketFile> {
  try {
    const found = await stat(path);
    return found.isSocket() ? { kind: 'socket', owner: found.uid } : { kind: 'other' };
  } catch (error) {
    return { kind: 'unseen', code: codeOf(error), message: messageOf(error) };
  }
}
