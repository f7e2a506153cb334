// What `require('electron')` and `import … from 'electron'` give in the stand-in's program. The names
// are written out, so that they can be imported by name.
const api = globalThis[Symbol.for('stand-in for Electron')];
exports.app = api.app;
exports.BrowserWindow = api.BrowserWindow;
exports.ipcMain = api.ipcMain;
exports.Menu = api.Menu;
exports.nativeImage = api.nativeImage;
exports.nativeTheme = api.nativeTheme;
exports.Notification = api.Notification;
exports.powerMonitor = api.powerMonitor;
exports.protocol = api.protocol;
exports.session = api.session;
exports.shell = api.shell;
exports.Tray = api.Tray;
exports.utilityProcess = api.utilityProcess;
exports.webContents = api.webContents;
