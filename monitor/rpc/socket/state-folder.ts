import { posix, win32 } from 'node:path';

/** What the place of the state depends on. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  /** The person's home folder, absolute. */
  readonly home: string;
}

/**
 * Where Sentra keeps its record, absolute: `$SENTRA_STATE`, else `$XDG_STATE_HOME/sentra` or
 * `~/.local/state/sentra`, on macOS `~/Library/Application Support/Sentra`, on Windows
 * `%LOCALAPPDATA%\Sentra`. A variable that holds no absolute path is passed over, as the XDG base
 * directory specification asks. Nothing is made or checked here.
 */
export function stateFolder({ environment, platform, home }: Surroundings): string {
  const path = platform === 'win32' ? win32 : posix;
  const own = absolute(environment['SENTRA_STATE'], path);
  if (own !== undefined) return own;
  switch (platform) {
    case 'win32': {
      const local = absolute(environment['LOCALAPPDATA'], path);
      return path.join(local ?? path.join(home, 'AppData', 'Local'), 'Sentra');
    }
    case 'darwin':
      return path.join(home, 'Library', 'Application Support', 'Sentra');
    default: {
      const state = absolute(environment['XDG_STATE_HOME'], path);
      return path.join(state ?? path.join(home, '.local', 'state'), 'sentra');
    }
  }
}

/**
 * Where lock and address of a running monitor stand: `control` in the state folder that the
 * environment names. An option such as `--state` does not move it, so that two monitors of one
 * engine meet even when they keep their records apart.
 */
export function controlFolder(surroundings: Surroundings): string {
  const path = surroundings.platform === 'win32' ? win32 : posix;
  return path.join(stateFolder(surroundings), 'control');
}

/** `$XDG_RUNTIME_DIR`, where sockets belong; undefined where there is none. */
export function runtimeFolder({ environment, platform }: Surroundings): string | undefined {
  return platform === 'win32' ? undefined : absolute(environment['XDG_RUNTIME_DIR'], posix);
}

function absolute(value: string | undefined, path: typeof posix): string | undefined {
  return value !== undefined && path.isAbsolute(value) ? value : undefined;
}
