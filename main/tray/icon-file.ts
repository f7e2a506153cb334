import { join } from 'node:path';
import type { Mood } from './mood.ts';

/**
 * The file of a mood's icon. macOS colours template images itself; the others are coloured so that
 * they are seen on dark panels and on light ones. Windows takes an .ico with several sizes. Electron
 * finds the larger `@2x` file beside a .png by itself.
 */
export function iconFile(folder: string, mood: Mood, platform: NodeJS.Platform): string {
  switch (platform) {
    case 'darwin':
      return join(folder, `${mood}Template.png`);
    case 'win32':
      return join(folder, `${mood}.ico`);
    default:
      return join(folder, `${mood}.png`);
  }
}
