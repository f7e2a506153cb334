import type * as Electron from 'electron';

/**
 * What the shell uses of Electron, and no more. It is handed in by `index.ts`, so that the same code
 * runs on Electron itself and on the stand-in of `test/host/`.
 */
export type ElectronApi = Pick<
  typeof Electron,
  | 'app'
  | 'BrowserWindow'
  | 'ipcMain'
  | 'Menu'
  | 'nativeImage'
  | 'nativeTheme'
  | 'Notification'
  | 'powerMonitor'
  | 'protocol'
  | 'session'
  | 'shell'
  | 'Tray'
  | 'utilityProcess'
>;
