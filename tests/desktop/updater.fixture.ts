/** In place of electron-updater, for a test of what the built desktop does with it. */

import { EventEmitter } from 'node:events';
import { app } from 'electron';

const autoUpdater = Object.assign(new EventEmitter(), {
  async checkForUpdates(): Promise<null> {
    return null;
  },
  quitAndInstall(isSilent: boolean, isForceRunAfter: boolean): void {
    process.stdout.write(`installs ${isSilent} ${isForceRunAfter}, for ${process.env.PIXCRAWLER_DATA_DIR}\n`);
    app.quit();
  },
});
Object.assign(globalThis, { autoUpdater });

export default { autoUpdater };
