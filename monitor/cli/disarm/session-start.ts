import { existsSync, rmSync } from 'node:fs';
import type { DisarmItem, DisarmedItem } from '../../rpc/service/service-disarm.ts';
import type { Surroundings } from '../../rpc/socket/state-folder.ts';
import { autostartFile } from '../../runtime/autostart-file.ts';
import { messageOf } from '../../runtime/logger.ts';

/** What starts Sentra with this person's session; undefined where it is not to be found from here. */
export function findSessionStart(surroundings: Surroundings): DisarmItem | undefined {
  if (surroundings.platform !== 'linux') return undefined;
  const file = autostartFile(surroundings);
  if (!existsSync(file)) return undefined;
  const words = `what starts Sentra with your session: ${file}`;
  return { kind: 'login-item', container: undefined, name: undefined, words };
}

/** Where it is switched off that this program cannot; undefined where it could. */
export function sessionStartElsewhere({ platform }: Surroundings): string | undefined {
  switch (platform) {
    case 'darwin':
      return 'Should Sentra start when you log in, take it out of System Settings, General, Login Items.';
    case 'win32':
      return 'Should Sentra start when you log in, switch it off in Settings, Apps, Startup.';
    default:
      return undefined;
  }
}

/** Removes the file that was found. */
export function removeSessionStart(surroundings: Surroundings, item: DisarmItem): DisarmedItem {
  try {
    rmSync(autostartFile(surroundings), { force: true });
    return { ...item, failure: undefined, proof: 'It is removed.' };
  } catch (error) {
    return { ...item, failure: `It could not be removed: ${messageOf(error)}`, proof: '' };
  }
}
