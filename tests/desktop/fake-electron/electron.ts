/** The module that `import … from 'electron'` gives in main. `held.types.ts` holds it to electron.d.ts. */

export { app } from './app.ts';
export { autoUpdater } from './auto-updater.ts';
export { BrowserWindow } from './browser-window.ts';
export { clipboard } from './clipboard.ts';
export { dialog } from './dialog.ts';
export { ipcMain } from './ipc.ts';
export { Menu, MenuItem } from './menu.ts';
export { MessageChannelMain } from './message-channel-main.ts';
export { nativeImage } from './native-image.ts';
export { Notification } from './notification.ts';
export { powerMonitor, powerSaveBlocker } from './power.ts';
export { safeStorage } from './safe-storage.ts';
export { nativeTheme, screen } from './screen.ts';
export { net, protocol, session } from './session.ts';
export { shell } from './shell.ts';
export { Tray } from './tray.ts';
export { utilityProcess } from './utility-process.ts';
export { webContents } from './web-contents.ts';
