import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { autostartFile } from '../../monitor/runtime/autostart-file.ts';
import { messageOf } from '../../monitor/runtime/logger.ts';
import { makeFolder } from '../../monitor/runtime/make-folder.ts';
import { failed, ok } from '../../monitor/runtime/result.ts';
import type { Result } from '../../monitor/runtime/result.ts';
import type { LoginItem } from '../../preload/shell.ts';
import type { ElectronApi } from '../electron.ts';
import { autostartEntry, execLine, isEnabled } from './desktop-entry.ts';

/** Whether Sentra starts with the person's session. */
export interface LoginItemSwitch {
  read(): LoginItem;
  /** Gives what holds afterwards, or a sentence that says why it could not be done. */
  set(on: boolean): Result<LoginItem, string>;
}

/** What the switch depends on. */
export interface LoginItemOptions {
  readonly electron: Pick<ElectronApi, 'app'>;
  readonly platform: NodeJS.Platform;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The person's home folder, absolute. */
  readonly home: string;
  /** What starts Sentra, with the argument that leaves it in the tray; empty where nothing could. */
  readonly command: readonly string[];
}

/** The switch for this platform: Electron's own, or on Linux an autostart file, which it has not. */
export function createLoginItem(options: LoginItemOptions): LoginItemSwitch {
  if (options.command.length === 0) return nothingToStart;
  return options.platform === 'linux' ? byAutostartFile(options) : electronsOwn(options);
}

const unavailable: LoginItem = {
  state: 'unavailable',
  reason: 'Run this way, Sentra is no program that could be started with the session.',
};

const nothingToStart: LoginItemSwitch = { read: () => unavailable, set: () => ok(unavailable) };

function electronsOwn({ electron, command }: LoginItemOptions): LoginItemSwitch {
  const args = command.slice(1);
  const read = (): LoginItem => {
    // Windows compares the arguments too: without them no item of ours is found.
    const { openAtLogin } = electron.app.getLoginItemSettings({ args });
    return { state: openAtLogin ? 'on' : 'off' };
  };
  return {
    read,
    set(on) {
      electron.app.setLoginItemSettings({ openAtLogin: on, args });
      return ok(read());
    },
  };
}

function byAutostartFile({ environment, home, command }: LoginItemOptions): LoginItemSwitch {
  const file = autostartFile({ environment, home });
  const folder = dirname(file);
  const boxed = environment['SNAP'] ?? environment['FLATPAK_ID'];

  function read(): LoginItem {
    if (boxed !== undefined) {
      const reason = 'This way of installing Sentra has a switch of its own for that.';
      return { state: 'unavailable', reason };
    }
    try {
      return { state: isEnabled(readFileSync(file, 'utf8')) ? 'on' : 'off' };
    } catch {
      // No file: nobody has switched it on.
      return { state: 'off' };
    }
  }

  // Where Sentra was moved since, the file still names the old place.
  if (boxed === undefined && read().state === 'on') repair();

  function repair(): void {
    try {
      const present = readFileSync(file, 'utf8');
      const repaired = present.replace(/^Exec=.*$/m, () => execLine(command));
      if (repaired !== present) writeFileSync(file, repaired, { mode: 0o644 });
    } catch {
      // It stays as it is: the switch shows it, and can set it anew.
    }
  }

  return {
    read,
    set(on) {
      if (boxed !== undefined) return ok(read());
      try {
        if (on) {
          makeFolder(folder, 0o755);
          writeFileSync(file, autostartEntry(command), { mode: 0o644 });
        } else {
          rmSync(file, { force: true });
        }
        return ok(read());
      } catch (error) {
        return failed(`The autostart file could not be written: ${messageOf(error)}`);
      }
    },
  };
}
