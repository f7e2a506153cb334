'use strict';

// Required into the main process before Sentra's own code (`electron -r recorder.cjs APP`): writes
// down what is handed to the desktop, and does to it what a person would. It uses what Electron
// documents, and changes nothing of Sentra. What it gives is data, since it crosses to another process.
const electron = require('electron');

const trays = new Map();
const notifications = [];
const opened = [];
const paths = new WeakMap();
let latestPath = '';

/** Replaces a method by one that is told what is given to it and then does the same. */
function listen(object, name, told) {
  const original = object[name];
  object[name] = function (...values) {
    const result = original.apply(this, values);
    told.call(this, result, ...values);
    return result;
  };
}

listen(electron.nativeImage, 'createFromPath', (image, path) => {
  paths.set(image, path);
  latestPath = path;
});

// A tray does not say which image it was made with: it is the last that was read before it was first
// spoken to.
function seen(tray) {
  if (!trays.has(tray)) trays.set(tray, { icon: latestPath, tooltip: '', menu: undefined });
  return trays.get(tray);
}
listen(electron.Tray.prototype, 'setImage', function (_, image) {
  seen(this).icon = typeof image === 'string' ? image : (paths.get(image) ?? '');
});
listen(electron.Tray.prototype, 'setToolTip', function (_, tooltip) {
  seen(this).tooltip = tooltip;
});
listen(electron.Tray.prototype, 'setContextMenu', function (_, menu) {
  seen(this).menu = menu ?? undefined;
});
listen(electron.Tray.prototype, 'destroy', function () {
  trays.delete(this);
});

// Without a server for notifications there would be none to see. They are shown to it where it is.
const isSupported = electron.Notification.isSupported;
electron.Notification.isSupported = () => true;
const show = electron.Notification.prototype.show;
electron.Notification.prototype.show = function () {
  notifications.push(this);
  if (isSupported()) show.call(this);
};

// No browser of the person's is opened by a test.
electron.shell.openExternal = (url) => {
  opened.push(url);
  return Promise.resolve();
};

const itemsOf = (menu) =>
  (menu?.items ?? []).map(({ type, label, enabled, submenu }) => ({
    type,
    label: label.replaceAll(/&(&?)/g, '$1'),
    enabled,
    submenu: itemsOf(submenu),
  }));

globalThis.seenDesktop = {
  look: () => ({
    trays: [...trays.values()].map(({ icon, tooltip, menu }) => ({
      icon,
      tooltip,
      menu: itemsOf(menu),
    })),
    notifications: notifications.map(({ title, body, actions }) => ({
      title,
      body,
      buttons: actions.map(({ text }) => text),
    })),
    windows: electron.BrowserWindow.getAllWindows().map((window) => ({
      isVisible: window.isVisible(),
    })),
    opened,
    children: electron.app
      .getAppMetrics()
      .filter(({ type }) => type === 'Utility')
      .map(({ pid, name }) => ({ pid, name })),
  }),

  /** A click on an item of the tray's menu, below the items that lead to it; disabled ones do nothing. */
  choose(labels) {
    let items = [...trays.values()][0]?.menu?.items ?? [];
    let chosen;
    for (const label of labels) {
      const has = items.map((item) => item.label.replaceAll(/&(&?)/g, '$1'));
      chosen = items[has.findIndex((each) => each.startsWith(label))];
      if (chosen === undefined) throw new Error(`No item "${label}" among: ${has.join(' | ')}`);
      items = chosen.submenu?.items ?? [];
    }
    if (chosen.enabled) chosen.click();
  },

  press(index, button) {
    const actionIndex = notifications[index].actions.findIndex(({ text }) => text === button);
    if (actionIndex < 0) throw new Error(`No button "${button}".`);
    notifications[index].emit('action', { actionIndex, selectionIndex: -1 }, actionIndex, -1);
  },

  clickNotification: (index) => notifications[index].emit('click', {}),
  closeWindow: () => electron.BrowserWindow.getAllWindows()[0].close(),
  power: (event) => electron.powerMonitor.emit(event),

  /** What runs it: real Electron names its version, the stand-in has none. */
  versions: () => ({
    electron: process.versions.electron,
    chrome: process.versions.chrome,
    node: process.versions.node,
  }),
};
