import { join } from 'node:path';
import type { Mood } from './mood.ts';

/**
 * The file of an icon. macOS colours template images itself; elsewhere there is one drawing for dark
 * panels and one for light ones. Windows takes an .ico with several sizes. Electron finds the larger
 * `@2x` file beside a .png by itself.
 */
export function iconFile(
  folder: string,
  mood: Mood,
  platform: NodeJS.Platform,
  onDark: boolean,
): string {
  switch (platform) {
    case 'darwin':
      return join(folder, `${mood}Template.png`);
    case 'win32':
      return join(folder, `${mood}-${onDark ? 'on-dark' : 'on-light'}.ico`);
    default:
      return join(folder, `${mood}-${onDark ? 'on-dark' : 'on-light'}.png`);
  }
}
