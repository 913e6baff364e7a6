/** powerMonitor and powerSaveBlocker. */

import { EventEmitter } from 'node:events';
import { configuration } from './configuration.ts';
import { recorded } from './recorded.ts';

class PowerMonitor extends EventEmitter {
  constructor() {
    super();
    // As lib/browser/api/power-monitor.ts of Electron: the first listener is not among those that are counted before it.
    this.once('newListener', () => {
      if (configuration.machine.platform !== 'linux') return;
      recorded.isShutdownDelayed = this.listenerCount('shutdown') > 0;
      this.on('newListener', (event) => {
        if (event === 'shutdown') recorded.isShutdownDelayed = true;
      });
      this.on('removeListener', (event) => {
        if (event === 'shutdown') recorded.isShutdownDelayed = this.listenerCount('shutdown') > 0;
      });
    });
  }

  get onBatteryPower(): boolean {
    return this.isOnBatteryPower();
  }

  /** On Linux there always seems to be mains power. */
  isOnBatteryPower(): boolean {
    return configuration.machine.platform !== 'linux' && recorded.isOnBattery;
  }

  getSystemIdleTime(): number {
    return 0;
  }
}

export const powerMonitor = new PowerMonitor();

let lastBlocker = 0;
export const powerSaveBlocker = {
  start(type: 'prevent-app-suspension' | 'prevent-display-sleep'): number {
    lastBlocker += 1;
    recorded.powerSaveBlockers.set(lastBlocker, type);
    return lastBlocker;
  },
  stop: (id: number): boolean => recorded.powerSaveBlockers.delete(id),
  isStarted: (id: number): boolean => recorded.powerSaveBlockers.has(id),
};
