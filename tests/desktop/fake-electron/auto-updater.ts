/** autoUpdater, which tells of nothing unless a test has it do so: electron-updater drives it on macOS. */

import { EventEmitter } from 'node:events';

export const autoUpdater = new EventEmitter();
