import { isDeepStrictEqual } from 'node:util';
import type { MenuItemConstructorOptions, NativeImage } from 'electron';
import { assertNever } from '../../monitor/runtime/assert-never.ts';
import type { ElectronApi } from '../electron.ts';
import type { TrayFace } from './face.ts';
import type { MenuEntry, TrayCommand } from './menu.ts';
import { iconFile } from './icon-file.ts';
import type { Mood } from './mood.ts';

/** The shortest time between two menus, in milliseconds: setting one closes it on Linux if open. */
const redrawMs = 500;

/** The icon in the tray. */
export interface TrayIcon {
  /** Shows the face: its icon at once, tooltip and menu at most twice a second. */
  show(face: TrayFace): void;
  remove(): void;
}

/** What a tray icon needs. */
export interface TrayIconOptions {
  readonly electron: ElectronApi;
  readonly platform: NodeJS.Platform;
  /** The folder with the icons, absolute. */
  readonly iconFolder: string;
  readonly onCommand: (command: TrayCommand) => void;
}

/** Puts the icon into the tray. One a process: a second is drawn by an older mechanism on Linux. */
export function createTrayIcon(options: TrayIconOptions, first: TrayFace): TrayIcon {
  const { electron, platform, onCommand } = options;
  const images = new Map<string, NativeImage>();
  let shown: TrayFace | undefined;
  let wanted = first;
  let timer: NodeJS.Timeout | undefined;
  let removed = false;

  function imageOf(mood: Mood): NativeImage {
    const file = iconFile(options.iconFolder, mood, platform);
    const known = images.get(file);
    if (known !== undefined) return known;
    const image = electron.nativeImage.createFromPath(file);
    if (platform === 'darwin') image.setTemplateImage(true);
    images.set(file, image);
    return image;
  }

  const tray = new electron.Tray(imageOf(first.mood));

  function draw(): void {
    timer = undefined;
    if (removed || isDeepStrictEqual(shown, wanted)) return;
    if (shown?.tooltip !== wanted.tooltip) tray.setToolTip(wanted.tooltip);
    if (!isDeepStrictEqual(shown?.menu, wanted.menu)) {
      // A new one each time: on Linux a menu that was set is a copy, and later changes are not seen.
      tray.setContextMenu(electron.Menu.buildFromTemplate(templateOf(wanted.menu, onCommand)));
    }
    shown = wanted;
    timer = setTimeout(draw, redrawMs);
  }

  // Where the platform tells clicks. On Linux it mostly does not; the menu has it as well.
  tray.on('click', () => onCommand({ kind: 'open', place: { screen: 'overview' } }));
  draw();

  return {
    show(face) {
      if (removed) return;
      const changesImage = face.mood !== wanted.mood;
      wanted = face;
      if (changesImage) tray.setImage(imageOf(face.mood));
      if (timer === undefined) draw();
    },
    remove() {
      removed = true;
      clearTimeout(timer);
      tray.destroy();
    },
  };
}

/** Electron's own form of the menu. `&` would mark a key in a label, so it is doubled. */
function templateOf(
  entries: readonly MenuEntry[],
  onCommand: (command: TrayCommand) => void,
): MenuItemConstructorOptions[] {
  return entries.map((entry): MenuItemConstructorOptions => {
    switch (entry.kind) {
      case 'separator':
        return { type: 'separator' };
      case 'text':
        return { label: escaped(entry.label), enabled: false };
      case 'command':
        return { label: escaped(entry.label), click: () => onCommand(entry.command) };
      case 'submenu':
        return { label: escaped(entry.label), submenu: templateOf(entry.entries, onCommand) };
      default:
        return assertNever(entry);
    }
  });
}

function escaped(label: string): string {
  return label.replaceAll('&', '&&');
}
