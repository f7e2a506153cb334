import { execFile } from 'node:child_process';
import type { TrayHost } from '../../preload/shell.ts';

/** How long the session bus may take to answer, in milliseconds. */
const answerMs = 1000;

/** Who shows tray icons on Linux desktops, by the name it owns on the session bus. */
const watcher = 'org.kde.StatusNotifierWatcher';

/** The bus's own question whether somebody owns a name, as dbus-send takes it. */
const question = [
  ...['--session', '--print-reply', '--dest=org.freedesktop.DBus', '/org/freedesktop/DBus'],
  ...['org.freedesktop.DBus.NameHasOwner', `string:${watcher}`],
];

/**
 * Whether this desktop shows tray icons. Windows and macOS always do; on Linux the session bus is
 * asked for the StatusNotifierWatcher, which GNOME has only with an extension. `unknown` where
 * nobody could be asked.
 */
export function findTrayHost(platform: NodeJS.Platform): Promise<TrayHost> {
  if (platform !== 'linux') return Promise.resolve('present');
  return new Promise((resolve) => {
    execFile('dbus-send', question, { timeout: answerMs }, (error, answer) => {
      if (error !== null) resolve('unknown');
      else resolve(answer.includes('boolean true') ? 'present' : 'absent');
    });
  });
}
