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

/** What of a template's item is played. */
const playedOptions: readonly string[] = ['label', 'enabled', 'click', 'submenu', 'type'];

/** What Electron knows besides, and the stand-in does not. */
const unplayedTypes: readonly string[] = ['checkbox', 'radio', 'header', 'palette'];

const made = new WeakMap<object, HostMenu>();

/** Whether the stand-in has made it. */
export function isMenu(value: object): boolean {
  return made.has(value);
}

/** The items of a menu made by the stand-in. */
export function itemsOf(menu: object): readonly RecordedItem[] {
  const own = made.get(menu);
  if (own === undefined) throw new TypeError('Invalid menu');
  return own.items.map(record);
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

/** An item as lib/browser/api/menu-item.ts makes it. Its `click` asks nobody whether it is enabled. */
class HostMenuItem {
  readonly type: RecordedItem['type'];
  readonly label: string;
  readonly enabled: boolean;
  readonly submenu: HostMenu | undefined;
  private readonly clicked: MenuItemConstructorOptions['click'];

  constructor(options: MenuItemConstructorOptions) {
    const { label, role, type, submenu } = options;
    if (label === undefined && role === undefined && type === undefined) {
      throw new TypeError(
        'Invalid template for MenuItem: must have at least one of label, role or type',
      );
    }
    const unplayed = Object.keys(options).find((name) => !playedOptions.includes(name));
    if (unplayed !== undefined) {
      throw new Error(`stand-in: "${unplayed}" of menu items is not implemented`);
    }
    if (type !== undefined && unplayedTypes.includes(type)) {
      throw new Error(`stand-in: menu items of the type "${type}" are not implemented`);
    }
    this.submenu = Array.isArray(submenu) ? HostMenu.of(submenu) : undefined;
    const shown = type ?? (this.submenu === undefined ? 'normal' : 'submenu');
    if (shown !== 'normal' && shown !== 'separator' && shown !== 'submenu') {
      throw new Error(`Unknown menu item type: ${shown}`);
    }
    if (shown === 'submenu' && this.submenu === undefined) throw new Error('Invalid submenu');
    this.type = shown;
    this.label = label ?? '';
    this.enabled = options.enabled ?? true;
    this.clicked = options.click;
  }

  click(): void {
    this.clicked?.(strict('MenuItem', this) as never, undefined, {});
  }
}

/** The stand-in's `Menu`: templates only. */
class HostMenu extends EventEmitter {
  items: readonly HostMenuItem[] = [];

  static of(template: readonly MenuItemConstructorOptions[]): HostMenu {
    const menu = new HostMenu();
    menu.items = withoutSpareSeparators(template.map((options) => new HostMenuItem(options)));
    return menu;
  }

  static buildFromTemplate(template: MenuItemConstructorOptions[]): Menu {
    if (!Array.isArray(template)) {
      throw new TypeError('Invalid template for Menu: Menu template must be an array');
    }
    const own = HostMenu.of(template);
    const menu = strict('Menu', own) as unknown as Menu;
    // Methods of other parts are handed either.
    made.set(menu, own);
    made.set(own, own);
    return menu;
  }

  static setApplicationMenu(menu: Menu | null): void {
    if (menu !== null && !made.has(menu)) throw new TypeError('Invalid menu');
  }
}

/** As Electron does: of separators in a row one is left, and none at either end. */
function withoutSpareSeparators(items: readonly HostMenuItem[]): readonly HostMenuItem[] {
  return items
    .filter(({ type }, index) => type !== 'separator' || items[index - 1]?.type !== 'separator')
    .filter(
      ({ type }, index, all) => type !== 'separator' || (index > 0 && index < all.length - 1),
    );
}

function record(item: HostMenuItem): RecordedItem {
  return {
    type: item.type,
    // A single & marks a key and is not shown.
    label: item.label.replaceAll(/&(&?)/g, '$1'),
    enabled: item.enabled,
    submenu: item.submenu?.items.map(record) ?? [],
    click() {
      if (item.enabled) item.click();
    },
  };
}

/** The stand-in's `Menu`, whose menus {@link itemsOf} reads. */
export function createHostMenu(): typeof Menu {
  return strict('Menu', HostMenu) as unknown as typeof Menu;
}
