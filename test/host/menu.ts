import { EventEmitter } from 'node:events';
import type { Menu, MenuItemConstructorOptions } from 'electron';
import { strict } from './strict.ts';

/** An item of a recorded menu, as a person sees it. */
export interface RecordedItem {
  readonly type: 'normal' | 'separator' | 'submenu';
  readonly label: string;
  readonly enabled: boolean;
  readonly submenu: readonly RecordedItem[];
  /** As a click does; nothing happens to one that is not enabled. */
  click(): void;
}

const recorded = new WeakMap<object, readonly RecordedItem[]>();

/** The items of a menu made by the stand-in. */
export function itemsOf(menu: object): readonly RecordedItem[] {
  const items = recorded.get(menu);
  if (items === undefined) throw new TypeError('Invalid menu');
  return items;
}

/** Finds an item by its label, below the labels of the submenus that lead to it. */
export function findItem(items: readonly RecordedItem[], ...labels: string[]): RecordedItem {
  const [label = '', ...rest] = labels;
  const found = items.find((item) => item.label.startsWith(label));
  if (found === undefined) {
    throw new Error(`No item "${label}" among: ${items.map((item) => item.label).join(' | ')}`);
  }
  return rest.length === 0 ? found : findItem(found.submenu, ...rest);
}

function record(options: MenuItemConstructorOptions): RecordedItem {
  const { label, role, type } = options;
  if (label === undefined && role === undefined && type === undefined) {
    throw new TypeError(
      'Invalid template for MenuItem: must have at least one of label, role or type',
    );
  }
  if (role !== undefined) throw new Error('stand-in: roles of menu items are not implemented');
  const enabled = options.enabled !== false;
  const submenu = Array.isArray(options.submenu) ? options.submenu.map(record) : [];
  return {
    type: type === 'separator' ? 'separator' : submenu.length > 0 ? 'submenu' : 'normal',
    // A single & marks a key and is not shown.
    label: (label ?? '').replaceAll(/&(&?)/g, '$1'),
    enabled,
    submenu,
    click() {
      if (!enabled) return;
      options.click?.(strict('MenuItem', {}) as never, undefined, {});
    },
  };
}

/** The stand-in's `Menu`: templates only. */
export function createHostMenu(): typeof Menu {
  class HostMenu extends EventEmitter {
    static buildFromTemplate(template: MenuItemConstructorOptions[]): Menu {
      if (!Array.isArray(template)) {
        throw new TypeError('Invalid template for Menu: Menu template must be an array');
      }
      const menu = strict('Menu', new HostMenu()) as unknown as Menu;
      recorded.set(menu, template.map(record));
      return menu;
    }

    static setApplicationMenu(menu: Menu | null): void {
      if (menu !== null && !recorded.has(menu)) throw new TypeError('Invalid menu');
    }
  }
  return strict('Menu', HostMenu) as unknown as typeof Menu;
}
