import { basename } from 'node:path';
import type { Page } from 'playwright-core';

/** An item of the tray's menu as it is seen. */
export interface SeenItem {
  readonly label: string;
  readonly enabled: boolean;
  readonly submenu: readonly SeenItem[];
}

/** What is on the desktop at a moment. */
export interface SeenDesktop {
  /** The icon's file, absolute, with tooltip and menu. */
  readonly trays: readonly {
    readonly icon: string;
    readonly tooltip: string;
    readonly menu: readonly SeenItem[];
  }[];
  /** All that were ever shown, the latest last. */
  readonly notifications: readonly {
    readonly title: string;
    readonly body: string;
    readonly buttons: readonly string[];
  }[];
  readonly windows: readonly { readonly isVisible: boolean }[];
  /** Addresses that were handed to the person's browser. */
  readonly opened: readonly string[];
  /** The utility processes that run. */
  readonly children: readonly { readonly pid: number; readonly name?: string | undefined }[];
}

/** How Sentra is started on a desktop. */
export interface CarrierOptions {
  /** As the engine is named on the command line. */
  readonly engine: string;
  /** The person's folder, absolute; it outlives the desktop. */
  readonly folder: string;
}

/**
 * A desktop with Sentra on it, whatever runs it: what a person sees there, and what they do. The same
 * scenarios run on every carrier, so that what is seen on one can be seen on another.
 */
export interface Carrier {
  /** What Sentra was seen on, a sentence: by what the main process says of itself. */
  readonly seenOn: string;
  /** The page of the one window, once it has been drawn. */
  openPage(): Promise<Page>;
  look(): Promise<SeenDesktop>;
  /** Clicks an item of the tray's menu, below the items that lead to it; labels by their beginning. */
  choose(...labels: string[]): Promise<void>;
  /** Clicks a notification, or a button on it; `index` in what was shown. */
  clickNotification(index: number): Promise<void>;
  press(index: number, button: string): Promise<void>;
  /** Closes the window as a click on its cross does. */
  closeWindow(): Promise<void>;
  /** The machine goes to sleep, or wakes up, as the desktop tells it. */
  power(event: 'suspend' | 'resume'): Promise<void>;
  /** The person starts Sentra once more; gives the exit code of that second one. */
  startAgain(): Promise<number>;
  /** What Sentra wrote for people. */
  output(): string;
  /** Quits by the menu, as a person does; gives the exit code. */
  quit(): Promise<number>;
  /** Takes everything down, however far it got. */
  end(): Promise<void>;
}

/** The name of the icon that is shown, without its folder; empty while there is none. */
export function iconOf({ trays: [tray] }: SeenDesktop): string {
  return tray === undefined ? '' : basename(tray.icon);
}

/** The item of the tray's menu whose label begins so; undefined where there is none. */
export function itemOf({ trays: [tray] }: SeenDesktop, label: string): SeenItem | undefined {
  return tray?.menu.find((item) => item.label.startsWith(label));
}
