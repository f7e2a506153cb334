import { EventEmitter } from 'node:events';
import { existsSync } from 'node:fs';
import type { Menu, NativeImage, Tray } from 'electron';
import type { ElectronApi } from '../../main/electron.ts';
import { isMenu, itemsOf } from './menu.ts';
import type { RecordedItem } from './menu.ts';
import { strict } from './strict.ts';

const paths = new WeakMap<object, string>();

/** The stand-in's `nativeImage`: remembers its file, and is empty where there is none. */
export function createHostNativeImage(): ElectronApi['nativeImage'] {
  const nativeImage = {
    createFromPath(path: string): NativeImage {
      const image = strict('NativeImage', {
        isEmpty: () => !existsSync(path),
        setTemplateImage: () => undefined,
      }) as unknown as NativeImage;
      paths.set(image, path);
      return image;
    },
  };
  return strict('nativeImage', nativeImage) as unknown as ElectronApi['nativeImage'];
}

/** What a person sees of the tray. */
export interface RecordedTray {
  /** The icon's file, absolute. */
  readonly icon: string;
  readonly tooltip: string;
  readonly menu: readonly RecordedItem[];
  /** As a click does where the platform tells it. */
  click(): void;
}

/** The stand-in's `Tray`, and what is in the tray. */
export function createHostTray(isReady: () => boolean): {
  readonly Tray: typeof Tray;
  readonly trays: readonly RecordedTray[];
} {
  const trays: HostTray[] = [];

  class HostTray extends EventEmitter implements RecordedTray {
    icon = '';
    tooltip = '';
    // As on Linux: what was set is a copy, and later changes of the menu are not seen.
    menu: readonly RecordedItem[] = [];
    private destroyed = false;

    constructor(image: NativeImage) {
      super();
      if (!isReady()) throw new Error('Cannot create Tray before app is ready');
      this.icon = fileOf(image);
      trays.push(this);
      return strict('Tray', this);
    }

    setImage(image: NativeImage): void {
      this.demandLife();
      this.icon = fileOf(image);
    }

    setToolTip(tooltip: string): void {
      this.demandLife();
      this.tooltip = tooltip;
    }

    setContextMenu(menu: Menu | null): void {
      this.demandLife();
      if (menu !== null && !isMenu(menu)) throw new TypeError('Must pass Menu or null');
      this.menu = menu === null ? [] : itemsOf(menu);
    }

    destroy(): void {
      if (this.destroyed) return;
      this.destroyed = true;
      trays.splice(trays.indexOf(this), 1);
    }

    isDestroyed(): boolean {
      return this.destroyed;
    }

    click(): void {
      this.emit('click', {}, {}, {});
    }

    private demandLife(): void {
      if (this.destroyed) throw new Error('Tray is destroyed');
    }
  }

  return { Tray: HostTray as unknown as typeof Tray, trays };
}

function fileOf(image: NativeImage): string {
  const path = paths.get(image);
  if (path === undefined || image.isEmpty()) {
    throw new Error(`Failed to load image from path '${path ?? ''}'`);
  }
  return path;
}
